/** Reads our own price facts and lays them over the table. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  AliasData,
  CardData,
  Meter,
  ModelData,
  Provenance,
  ProviderData,
  RateData,
} from '@farthing/pricing';
import { canonicalProvider, compileRule } from '@farthing/pricing';
import { z } from 'zod';
import { withId } from './card-id.ts';
import { deriveCards } from './derive.ts';
import {
  type OwnCard,
  type OwnDerived,
  type OwnPrices,
  type OwnSource,
  ownPricesSchema,
} from './own-schema.ts';

export { type OwnPrices, ownPricesSchema } from './own-schema.ts';

/** Data taken from tables; hand-written data is laid over it. */
const FROM_TABLES = 'from-tables';

/** All files of a folder, those from tables first, checked; an error names the file and the field. */
export function readOwnPrices(folder: string): OwnPrices[] {
  return [...readFolder(join(folder, FROM_TABLES)), ...readFolder(folder)];
}

/** The files of one folder, in order of their names. */
export function readFolder(folder: string): OwnPrices[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json') && name !== 'schema.json')
    .sort()
    .map((name) => {
      const result = ownPricesSchema.safeParse(JSON.parse(readFileSync(join(folder, name), 'utf8')));
      if (!result.success) throw new Error(`${join(folder, name)}: ${z.prettifyError(result.error)}`);
      return result.data;
    });
}

/**
 * Lays own files over the table's providers, in order: the cards of a later file win. Then rules make cards of
 * the cards there are, and additions complete them. Sources are appended to `sources`, cards point into it.
 */
export function mergeOwnPrices(
  table: readonly ProviderData[],
  files: readonly OwnPrices[],
  sources: Provenance[],
): ProviderData[] {
  const providers = new Map(table.map((provider) => [provider.id, provider]));
  const update = (file: OwnPrices, change: (provider: ProviderData) => ProviderData) => {
    const id = canonicalProvider(file.provider);
    providers.set(id, change(providers.get(id) ?? { id, models: [] }));
  };
  for (const file of files) {
    update(file, (before) => ({
      ...withNames(before, file),
      models: (file.cards ?? []).reduceRight(
        (models, own) =>
          addCard(providers, { ...before, models }, own, indexOf(sources, own.source ?? file.source)),
        before.models,
      ),
    }));
  }
  for (const file of files) {
    for (const addition of file.additions ?? []) {
      const index = indexOf(sources, addition.source ?? file.source);
      update(file, (before) => ({ ...before, models: addToAll(before, addition, index) }));
    }
  }
  for (const file of files) {
    for (const rule of file.derived ?? []) {
      const index = indexOf(sources, rule.source);
      update(file, (before) => ({ ...before, models: deriveAll(providers, before, rule, index) }));
    }
  }
  return [...providers.values()];
}

function withNames(before: ProviderData, file: OwnPrices): ProviderData {
  const aliases = [...(file.aliases ?? []), ...(before.aliases ?? [])] as AliasData[];
  const regionClasses = { ...before.regionClasses, ...file.regionClasses };
  return {
    ...before,
    ...(aliases.length === 0 ? {} : { aliases }),
    ...(Object.keys(regionClasses).length === 0 ? {} : { regionClasses }),
  };
}

/** Ours go before the table's: of the cards that apply, the first is in force. */
function addCard(
  providers: ReadonlyMap<string, ProviderData>,
  provider: ProviderData,
  own: OwnCard,
  index: number,
): readonly ModelData[] {
  const { model, match, source: _source, ...facts } = own;
  const made = withId(provider.id, model, { ...facts, source: index } as Omit<CardData, 'id'>);
  const existing = provider.models.find((one) => one.id.toLowerCase() === model.toLowerCase());
  if (existing !== undefined) {
    const next = { ...existing, match: match ?? existing.match, cards: [made, ...existing.cards] };
    return provider.models.map((one) => (one === existing ? next : one));
  }
  const shared = match === undefined ? fallbackModel(providers, provider, model) : null;
  if (shared !== null) {
    return [
      ...provider.models,
      { id: shared.id, extends: shared.provider, match: shared.match, cards: [made] },
    ];
  }
  return [{ id: model, match: match ?? { equals: model }, cards: [made] }, ...provider.models];
}

/** The model of a fallback provider by its id, the first fallback first. */
function fallbackModel(
  providers: ReadonlyMap<string, ProviderData>,
  provider: ProviderData,
  model: string,
): (ModelData & { readonly provider: string }) | null {
  for (const id of provider.fallback ?? []) {
    const found = providers.get(id)?.models.find((one) => one.id.toLowerCase() === model.toLowerCase());
    if (found !== undefined && found.extends === undefined) return { ...found, provider: id };
  }
  return null;
}

/** Adds rates that the models' cards do not state themselves, each with where it was read. */
function addToAll(
  provider: ProviderData,
  addition: NonNullable<OwnPrices['additions']>[number],
  source: number,
): ModelData[] {
  const matches = compileRule(addition.models);
  const added: { [M in Meter]?: RateData } = {};
  for (const [meter, rate] of Object.entries(addition.rates) as [Meter, RateData][]) {
    added[meter] = typeof rate === 'string' ? { usd: rate, source } : { ...rate, source };
  }
  return provider.models.map((model) => {
    if (!matches(model.id.toLowerCase())) return model;
    const cards = model.cards.map(({ id: _id, ...one }) =>
      // A card without any price marks a model whose price is unknown; a fee alone would make it look cheap.
      withId(provider.id, model.id, Object.keys(one.rates).length === 0 ? one : complete(one, added)),
    );
    return { ...model, cards };
  });
}

function complete(card: Omit<CardData, 'id'>, added: CardData['rates']): Omit<CardData, 'id'> {
  return { ...card, rates: { ...added, ...card.rates } };
}

function deriveAll(
  providers: ReadonlyMap<string, ProviderData>,
  provider: ProviderData,
  rule: OwnDerived,
  source: number,
): ModelData[] {
  const matches = compileRule(rule.models);
  const names = new Set(provider.models.map((model) => model.id));
  const shared = (provider.fallback ?? []).flatMap((id) =>
    (providers.get(id)?.models ?? [])
      .filter((model) => model.extends === undefined && matches(model.id.toLowerCase()))
      .filter((model) => !names.has(model.id) && names.add(model.id))
      .map((model): ModelData => ({ id: model.id, extends: id, match: model.match, cards: [] })),
  );
  return [...provider.models, ...shared].map((model) => {
    if (!matches(model.id.toLowerCase())) return model;
    const base =
      providers
        .get(model.extends ?? '')
        ?.models.find((one) => one.id === model.id)
        ?.cards.filter(isShared) ?? [];
    const made = deriveCards([...model.cards, ...base], rule, source);
    return { ...model, cards: [...model.cards, ...made.map((card) => withId(provider.id, model.id, card))] };
  });
}

/** The data a seller takes from a fallback provider, as the book does. */
function isShared(card: CardData): boolean {
  return card.tier === undefined && card.speed === undefined && card.region === undefined;
}

function indexOf(sources: Provenance[], from: OwnSource): number {
  const { table = 'farthing', version = from.date, ...rest } = from;
  const provenance: Provenance = { table, version, ...rest };
  const known = sources.findIndex((one) => JSON.stringify(one) === JSON.stringify(provenance));
  if (known >= 0) return known;
  return sources.push(provenance) - 1;
}
