/**
 * `node tools/prices/agreement.ts <folder>`: our prices beside three sources, for the models of
 * `agreement-models.json`. Prints every difference with its explanation and a summary; exits with 1 where one has
 * none. `--models` prints the list of models anew instead.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitForUpdate } from '@pydantic/genai-prices';
import { z } from 'zod';
import { createPriceBook } from '../../packages/pricing/src/book/book.ts';
import type { PriceBook, RateCard } from '../../packages/pricing/src/book/price-book.ts';
import { book as ourBook } from '../../packages/pricing/src/generated/book.ts';
import type { Meter } from '../../packages/pricing/src/usage/meters.ts';
import { convertTable } from '../../packages/server/src/price-book/compile/genai.ts';
import { baseBook, fromTables, readTables } from './from-tables.ts';
import { rounds, same } from './tables/decide.ts';
import { modeOf } from './tables/facts.ts';
import type { Disagreement, Table } from './tables/reconcile.ts';

/** A day on which all sources were written or valid: before what changed on 2026-08-21. */
const AT = Date.parse('2026-08-20T12:00:00Z');
const HERE = fileURLToPath(new URL('.', import.meta.url));
const MODELS = 200;

const modelList = z.array(z.tuple([z.string(), z.string()]));
const notes = z.record(z.string(), z.string());

/** What is compared: a column of the table. */
const COLUMNS: readonly {
  readonly name: string;
  readonly tier: 'standard' | 'batch' | 'priority';
  readonly meters: readonly Meter[];
}[] = [
  { name: 'input', tier: 'standard', meters: ['input_uncached'] },
  { name: 'output', tier: 'standard', meters: ['output_text'] },
  { name: 'cache read', tier: 'standard', meters: ['input_cache_read'] },
  { name: 'cache write', tier: 'standard', meters: ['input_cache_write_5m', 'input_cache_write'] },
  { name: 'batch input', tier: 'batch', meters: ['input_uncached'] },
  { name: 'batch output', tier: 'batch', meters: ['output_text'] },
  { name: 'priority input', tier: 'priority', meters: ['input_uncached'] },
  { name: 'priority output', tier: 'priority', meters: ['output_text'] },
];

type Column = (typeof COLUMNS)[number];
type Model = z.infer<typeof modelList>[number];

interface Difference {
  readonly model: string;
  readonly column: string;
  readonly ours: string;
  readonly says: readonly (readonly [string, string])[];
  readonly why: string | null;
}

const folder = process.argv[2];
if (folder === undefined)
  throw new Error('usage: node tools/prices/agreement.ts <folder of price tables> [--models]');
const tables = readTables(folder);
const genai = await genaiBook();
if (process.argv[3] === '--models') printModels(tables, genai);
else await printAgreement(tables, genai);

async function genaiBook(): Promise<PriceBook> {
  const providers = convertTable((await waitForUpdate()) ?? [], { repairs: [], free: [], unknown: [] });
  return createPriceBook({
    version: 'genai',
    sources: [{ table: 'genai-prices', version: '', date: '' }],
    providers,
  });
}

/** The models of most sources, those about which most is stated first. */
function printModels(all: readonly Table[], base: PriceBook): void {
  const found = new Map<string, { model: Model; stated: number }>();
  for (const { models } of all) {
    for (const { provider, name, modes } of models) {
      const key = `${provider}/${name.toLowerCase()}`;
      const stated = modes.reduce((sum, mode) => sum + Object.keys(mode.prices).length, 0);
      const known = cardOf(base, provider, name, 'standard') !== null ? 100 : 0;
      const before = found.get(key)?.stated ?? known;
      found.set(key, { model: [provider, name], stated: before + 100 + stated });
    }
  }
  const best = [...found.values()].sort((a, b) => b.stated - a.stated).slice(0, MODELS);
  const sorted = best.map(({ model }) => model).sort((a, b) => (a.join('/') < b.join('/') ? -1 : 1));
  console.log(`[\n${sorted.map((model) => `  ${JSON.stringify(model)}`).join(',\n')}\n]`);
}

function cardOf(book: PriceBook, provider: string, model: string, tier: Column['tier']): RateCard | null {
  return book.find({ provider, model, at: AT, tier, speed: null, region: null });
}

async function printAgreement(all: readonly Table[], base: PriceBook): Promise<void> {
  const models = modelList.parse(JSON.parse(readFileSync(join(HERE, 'agreement-models.json'), 'utf8')));
  const written = notes.parse(JSON.parse(readFileSync(join(HERE, 'agreement-notes.json'), 'utf8')));
  const { told } = fromTables(all, await baseBook());
  const counts = new Map(
    COLUMNS.map(({ name }) => [name, { compared: 0, agree: 0, differ: 0, unpriced: 0 }]),
  );
  const differences: Difference[] = [];
  for (const [provider, name] of models) {
    for (const column of COLUMNS) {
      const count = counts.get(column.name);
      const says = sources(all, base, provider, name, column);
      if (count === undefined || says.length === 0) continue;
      count.compared++;
      const ours = usdOf(cardOf(ourBook, provider, name, column.tier), column);
      const others = says.filter(([, usd]) => ours === null || !same(usd, ours));
      if (ours === null) count.unpriced++;
      else if (others.length === 0) count.agree++;
      else count.differ++;
      if (others.length > 0) {
        differences.push({
          model: `${provider}/${name}`,
          column: column.name,
          ours: ours ?? '–',
          says: others,
          why: explanation({ provider, name, column, ours, others, told, written }),
        });
      }
    }
  }
  report(models.length, counts, differences);
}

/** What each source says of it; a source that says nothing is left out. */
function sources(
  all: readonly Table[],
  base: PriceBook,
  provider: string,
  name: string,
  column: Column,
): (readonly [string, string])[] {
  const says: (readonly [string, string])[] = [];
  const theirs = column.tier === 'standard' ? usdOf(cardOf(base, provider, name, 'standard'), column) : null;
  if (theirs !== null) says.push(['genai-prices', theirs]);
  for (const { info, models } of all) {
    const model = models.find(
      (one) => one.provider === provider && one.name.toLowerCase() === name.toLowerCase(),
    );
    const mode =
      model === undefined ? null : modeOf(model, { tier: column.tier, speed: 'standard', region: null });
    const usd = column.meters.map((meter) => mode?.prices[meter]?.usd).find((one) => one !== undefined);
    if (usd !== undefined) says.push([info.table, usd]);
  }
  return says;
}

function usdOf(card: RateCard | null, { meters }: Column): string | null {
  for (const meter of meters) {
    const rate = card?.rates[meter];
    if (rate !== undefined) return rate.usd;
  }
  return null;
}

interface Case {
  readonly provider: string;
  readonly name: string;
  readonly column: Column;
  readonly ours: string | null;
  readonly others: readonly (readonly [string, string])[];
  readonly told: readonly Disagreement[];
  readonly written: z.infer<typeof notes>;
}

/** Why our figure differs, or null if no reason is written down. */
function explanation({ provider, name, column, ours, others, told, written }: Case): string | null {
  const note =
    written[`${provider}/${name} ${column.name}`] ??
    written[`${provider}/${name}`] ??
    written[`${provider} ${column.name}`];
  if (note !== undefined) return note;
  if (ours !== null && others.every(([, usd]) => usd === '0'))
    return 'the table has 0 where it knows no price';
  if (ours !== null && others.every(([, usd]) => rounds(usd, ours))) return 'the table rounds';
  const model = cardOf(ourBook, provider, name, 'standard')?.model ?? name;
  const dated = [...ourBook.cards()].find(
    (card) =>
      card.model === model &&
      card.tier === column.tier &&
      others.every(([, usd]) => same(usdOf(card, column) ?? '-1', usd)) &&
      (card.from !== null || card.to !== null),
  );
  if (dated !== undefined)
    return `the price ${dated.to === null ? `from ${dated.from}` : `until ${dated.to}`}`;
  const mine = told.filter((one) => one.provider === provider && one.model === model);
  const exact = mine.find((one) => one.mode === column.tier && column.meters.includes(one.meter as Meter));
  if (exact !== undefined) return exact.why;
  const whole = mine.find((one) => one.mode === column.tier && one.meter === 'all');
  if (whole !== undefined) return whole.why;
  const standard = mine.find((one) =>
    one.says.some(([who]) => others.some(([other]) => who.startsWith(other))),
  );
  if (standard !== undefined)
    return `its standard price is another: ${standard.says.map((one) => one.join(' ')).join(', ')}`;
  return null;
}

function report(
  models: number,
  counts: ReadonlyMap<string, { compared: number; agree: number; differ: number; unpriced: number }>,
  differences: readonly Difference[],
): void {
  console.log('| model | price | ours | others | why |\n|---|---|---|---|---|');
  for (const { model, column, ours, says, why } of differences) {
    const others = says.map(([who, usd]) => `${who} ${usd}`).join('; ');
    console.log(`| ${model} | ${column} | ${ours} | ${others} | ${why ?? 'NOT EXPLAINED'} |`);
  }
  console.log(
    `\n${models} models\n\n| price | compared | all agree | some differ | ours unpriced |\n|---|---|---|---|---|`,
  );
  for (const [name, { compared, agree, differ, unpriced }] of counts) {
    console.log(`| ${name} | ${compared} | ${agree} | ${differ} | ${unpriced} |`);
  }
  const open = differences.filter((one) => one.why === null).length;
  console.log(`\n${differences.length} differences, ${open} of them not explained`);
  if (open > 0) process.exitCode = 1;
}
