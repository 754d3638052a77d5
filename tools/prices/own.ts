/** Reads our own price facts, `prices/<provider>.json`, and lays them over the table. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { AliasData, CardData, ModelData, ProviderData } from '../../packages/pricing/src/book.ts';
import { compileRule, type MatchRule } from '../../packages/pricing/src/match-model.ts';
import { METER_NAMES } from '../../packages/pricing/src/meters.ts';
import type { Provenance } from '../../packages/pricing/src/price-book.ts';
import { canonicalProvider } from '../../packages/pricing/src/providers.ts';
import { withId } from './card-id.ts';

const decimal = z.string().regex(/^\d+(\.\d+)?$/, 'USD as plain decimal text, like "0.15"');
const instant = z.iso.datetime();
const day = z.iso.date();
const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/);
const count = z.int().positive();

const rule: z.ZodType<MatchRule> = z.lazy(() =>
  z.union([
    z.strictObject({ equals: z.string() }),
    z.strictObject({ starts_with: z.string() }),
    z.strictObject({ ends_with: z.string() }),
    z.strictObject({ contains: z.string() }),
    z.strictObject({ regex: z.string() }),
    z.strictObject({ or: z.array(rule) }),
    z.strictObject({ and: z.array(rule) }),
  ]),
);

const rate = z.union([
  decimal,
  z.strictObject({
    usd: decimal,
    per: count.exactOptional(),
    steps: z.array(z.strictObject({ from: count, usd: decimal })).exactOptional(),
    mode: z.enum(['cliff', 'marginal']).exactOptional(),
    minimum: z.number().positive().exactOptional(),
  }),
]);
const rates = z.partialRecord(z.enum(METER_NAMES as [string, ...string[]] as never), rate);
const source = z.strictObject({ date: day, url: z.url().exactOptional(), checked: day.exactOptional() });

const card = z.strictObject({
  model: z.string().min(1),
  match: rule.exactOptional(),
  from: instant.exactOptional(),
  to: instant.exactOptional(),
  timeOfDay: z.strictObject({ start: time, end: time }).exactOptional(),
  tier: z.enum(['standard', 'batch', 'flex', 'priority', 'scale']).exactOptional(),
  speed: z.enum(['standard', 'fast']).exactOptional(),
  region: z.string().min(1).exactOptional(),
  rates,
  source: source.exactOptional(),
});

/** One file of `prices/`; its README says what each part means. */
export const ownPrices = z.strictObject({
  $schema: z.string().exactOptional(),
  provider: z.string().min(1),
  source,
  aliases: z
    .array(
      z.strictObject({
        alias: z.string().min(1),
        model: z.string().min(1),
        from: instant.exactOptional(),
        to: instant.exactOptional(),
      }),
    )
    .exactOptional(),
  cards: z.array(card).exactOptional(),
  additions: z.array(z.strictObject({ models: rule, rates, source: source.exactOptional() })).exactOptional(),
});
export type OwnPrices = z.infer<typeof ownPrices>;

/** All files of a folder, checked; an error names the file and the field. */
export function readOwnPrices(folder: string): OwnPrices[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json') && name !== 'schema.json')
    .sort()
    .map((name) => {
      const result = ownPrices.safeParse(JSON.parse(readFileSync(join(folder, name), 'utf8')));
      if (!result.success) throw new Error(`prices/${name}: ${z.prettifyError(result.error)}`);
      return result.data;
    });
}

/** Lays own files over the table's providers. Sources are appended to `sources`, cards point into it. */
export function mergeOwnPrices(
  table: readonly ProviderData[],
  files: readonly OwnPrices[],
  sources: Provenance[],
): ProviderData[] {
  const providers = new Map(table.map((provider) => [provider.id, provider]));
  for (const file of files) {
    const id = canonicalProvider(file.provider);
    const before = providers.get(id) ?? { id, models: [] };
    const withCards = (file.cards ?? []).reduceRight(
      (models, one) => addCard(id, models, one, sourceIndex(sources, one.source ?? file.source)),
      before.models,
    );
    const models = (file.additions ?? []).reduce((all, one) => {
      const matches = compileRule(one.models);
      return all.map((model) => (matches(model.id.toLowerCase()) ? addRates(id, model, one.rates) : model));
    }, withCards);
    const aliases = [...(file.aliases ?? []), ...(before.aliases ?? [])] as AliasData[];
    providers.set(id, { ...before, ...(aliases.length === 0 ? {} : { aliases }), models });
  }
  return [...providers.values()];
}

/** Ours go before the table's: of the cards that apply, the first is in force. */
function addCard(
  provider: string,
  models: readonly ModelData[],
  own: NonNullable<OwnPrices['cards']>[number],
  index: number,
): ModelData[] {
  const { model, match, source: _source, ...facts } = own;
  const made = withId(provider, model, { ...facts, source: index } as Omit<CardData, 'id'>);
  const existing = models.find((one) => one.id.toLowerCase() === model.toLowerCase());
  if (existing === undefined)
    return [{ id: model, match: match ?? { equals: model }, cards: [made] }, ...models];
  const next = { ...existing, match: match ?? existing.match, cards: [made, ...existing.cards] };
  return models.map((one) => (one === existing ? next : one));
}

/** Adds rates that a model's cards do not state themselves. */
function addRates(provider: string, model: ModelData, added: CardData['rates']): ModelData {
  const cards = model.cards.map(({ id: _id, ...one }) =>
    withId(provider, model.id, { ...one, rates: { ...added, ...one.rates } }),
  );
  return { ...model, cards };
}

function sourceIndex(sources: Provenance[], from: OwnPrices['source']): number {
  const provenance: Provenance = { table: 'farthing', version: from.date, ...from };
  const known = sources.findIndex((one) => JSON.stringify(one) === JSON.stringify(provenance));
  if (known >= 0) return known;
  return sources.push(provenance) - 1;
}
