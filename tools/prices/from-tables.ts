/**
 * `node tools/prices/from-tables.ts <folder>`: takes batch, flex, priority, fast and regional prices and tool fees
 * from two public price tables and writes them to `prices/from-tables/`, with `docs/price-disagreements.md`.
 * The folder holds `litellm-model-prices.json` and `portkey/*.json`; it is not part of the project. Afterwards:
 * `npx biome check --write prices` for the layout and `npm run prices` for the book.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitForUpdate } from '@pydantic/genai-prices';
import { createPriceBook } from '../../packages/pricing/src/book/book.ts';
import type { PriceBook, RateCard } from '../../packages/pricing/src/book/price-book.ts';
import { convertTable } from '../../packages/server/src/price-book/compile/genai.ts';
import {
  mergeOwnPrices,
  type OwnPrices,
  readFolder,
} from '../../packages/server/src/price-book/compile/own.ts';
import type { OwnCard } from '../../packages/server/src/price-book/compile/own-schema.ts';
import { regionalCards } from './tables/aws-regions.ts';
import { disagreementsText } from './tables/disagreements-text.ts';
import type { TableModel } from './tables/facts.ts';
import { addedFees, addedOneHour } from './tables/fees.ts';
import { LITELLM, readLiteLlm } from './tables/litellm.ts';
import { LONE_PROVIDERS, type LoneProvider, loneModels } from './tables/lone-models.ts';
import { newModels } from './tables/new-models.ts';
import { PORTKEY, readPortkey } from './tables/portkey.ts';
import {
  agreesWithBase,
  type Candidate,
  type Disagreement,
  reconcile,
  type Table,
} from './tables/reconcile.ts';

const ROOT = join(fileURLToPath(import.meta.url), '..', '..', '..');
const PROVIDERS = [
  'openai',
  'anthropic',
  'google',
  'vertex',
  'bedrock',
  'azure',
  'xai',
  'mistral',
  'deepseek',
];

/** Both tables of a folder, the older first. */
export function readTables(folder: string): Table[] {
  return [
    { info: LITELLM, models: readLiteLlm(join(folder, 'litellm-model-prices.json')) },
    { info: PORTKEY, models: readPortkey(join(folder, 'portkey')) },
  ];
}

/**
 * What the tables add to our prices, one file per provider. First the gaps of standard cards are filled; then, based on
 * the completed cards, come all prices other than those of a plain call.
 */
export function fromTables(
  tables: readonly Table[],
  bookOver: (extra: readonly OwnPrices[]) => PriceBook,
): { readonly files: OwnPrices[]; readonly told: Disagreement[] } {
  const told: Disagreement[] = [];
  const date =
    tables
      .map(({ info }) => info.date)
      .sort()
      .at(-1) ?? '';
  const additions = PROVIDERS.map((provider) => additionsOf(provider, tables, bookOver([]), date));
  const book = bookOver(additions);
  const files = PROVIDERS.map((provider, i): OwnPrices => {
    const cards: OwnCard[] = [
      ...newModels(provider, tables, book, told),
      ...candidatesOf(provider, tables, book, told).flatMap((candidate) => reconcile(candidate, told)),
    ];
    return {
      $schema: '../schema.json',
      provider,
      source: { date },
      cards: cards.sort((a, b) => compareText(sortKey(a), sortKey(b))),
      ...(additions[i]?.additions === undefined ? {} : { additions: additions[i].additions }),
    };
  });
  return { files, told };
}

/** What one table alone states: models of providers the other does not cover, and the regions of AWS. */
function addSingleSourced(folder: string, files: OwnPrices[], book: PriceBook, told: Disagreement[]): void {
  const date = LITELLM.date;
  for (const provider of Object.keys(LONE_PROVIDERS) as LoneProvider[]) {
    const cards = loneModels(provider, folder, book, told);
    files.push({ $schema: '../schema.json', provider, source: { date }, cards });
  }
  for (const file of files.filter((one) => one.provider === 'bedrock')) {
    const cards = [...(file.cards ?? []), ...regionalCards(folder, book, told)];
    file.cards = cards.sort((a, b) => compareText(sortKey(a), sortKey(b)));
  }
}

/** Google's entries for Claude are what Vertex sells: what the tables say of them there is added to those. */
function additionsOf(provider: string, tables: readonly Table[], book: PriceBook, date: string): OwnPrices {
  const own = candidatesOf(provider, tables, book, []).filter(({ base }) => base.provider === provider);
  const sold =
    provider === 'google'
      ? candidatesOf('vertex', tables, book, []).filter(
          ({ base, model }) => base.provider === 'google' && !own.some((one) => one.model === model),
        )
      : [];
  const found = [...own, ...sold];
  const additions = [...addedFees(provider, found), ...addedOneHour(found)];
  return { provider, source: { date }, ...(additions.length === 0 ? {} : { additions }) };
}

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const sortKey = ({ model, tier, speed, region, from }: OwnCard) =>
  [model, tier ?? '', speed ?? '', region ?? '', from ?? ''].join(' ');

/** Our models that the tables know, once per standard card whose price a table states. */
function candidatesOf(
  provider: string,
  tables: readonly Table[],
  book: PriceBook,
  told: Disagreement[],
): Candidate[] {
  const found = new Map<
    string,
    { cards: Map<string, RateCard>; names: { table: Table; model: TableModel }[] }
  >();
  for (const table of tables) {
    for (const model of table.models.filter((one) => one.provider === provider)) {
      const cards = standardCards(book, provider, model.name);
      const [first] = cards;
      if (first === undefined) continue;
      const key = `${first.provider}/${first.model}`;
      const entry = found.get(key) ?? { cards: new Map<string, RateCard>(), names: [] };
      for (const card of cards) entry.cards.set(card.id, card);
      entry.names.push({ table, model });
      found.set(key, entry);
    }
  }
  return [...found.values()].flatMap(({ cards, names }) => {
    const bases = [...cards.values()];
    const model = bases[0]?.model ?? '';
    for (const { table, model: theirs } of names) {
      if (bases.some((base) => agreesWithBase(theirs, base))) continue;
      const [base] = bases;
      told.push(baseDisagreement(provider, model, table, theirs, base));
    }
    return bases.flatMap((base): Candidate[] => {
      const entries = tables.flatMap((table) => entriesOf(table, names, base));
      return entries.length === 0 ? [] : [{ provider, model, base, entries }];
    });
  });
}

/** If a table has several names for one model: the one that is its id, else the first; each region separately. */
function entriesOf(
  table: Table,
  names: readonly { readonly table: Table; readonly model: TableModel }[],
  base: RateCard,
): Candidate['entries'] {
  const fit = names
    .filter((one) => one.table === table && agreesWithBase(one.model, base))
    .map((one) => one.model)
    .sort((a, b) => Number(b.name === base.model) - Number(a.name === base.model));
  const plain = fit.find((model) => model.modes.some((mode) => mode.region === null));
  if (plain === undefined) return [];
  const regional = fit.filter((model) => model.modes.every((mode) => mode.region !== null));
  const modes = [...plain.modes];
  for (const mode of regional.flatMap((model) => model.modes)) {
    const known = modes.some(
      (one) => one.tier === mode.tier && one.speed === mode.speed && one.region === mode.region,
    );
    if (!known) modes.push(mode);
  }
  return [{ info: table.info, model: { ...plain, modes } }];
}

/** All standard cards of a name for any region, without those that count in some hours only. */
function standardCards(book: PriceBook, provider: string, model: string): RateCard[] {
  const query = { provider, model, tier: 'standard', speed: null, region: null } as const;
  const card = TIMES.map((at) => book.find({ ...query, at })).find((one) => one !== null);
  if (card === undefined || card === null) return [];
  return [...book.cards()].filter(
    (one) =>
      one.provider === card.provider &&
      one.model === card.model &&
      one.tier === 'standard' &&
      one.speed === 'standard' &&
      one.region === null &&
      one.timeOfDay === undefined,
  );
}

/** Any time will do that has a price. */
const TIMES = ['2026-08-21T12:00:00Z', '2027-02-01T12:00:00Z'].map((text) => Date.parse(text));

function baseDisagreement(
  provider: string,
  model: string,
  table: Table,
  theirs: TableModel,
  base: RateCard | undefined,
): Disagreement {
  const prices = theirs.modes[0]?.prices ?? {};
  return {
    provider,
    model,
    mode: 'standard',
    meter: 'input / output',
    says: [
      [
        base?.provenance.table ?? 'ours',
        `${base?.rates.input_uncached?.usd ?? '–'} / ${base?.rates.output_text?.usd ?? '–'}`,
      ],
      [
        `${table.info.table} (${theirs.name})`,
        `${prices.input_uncached?.usd ?? '–'} / ${prices.output_text?.usd ?? '–'}`,
      ],
    ],
    followed: base?.provenance.table ?? 'ours',
    why: 'newer and dated; nothing else of this entry is followed',
  };
}

/** Makes the book of the installed table, of what is written by hand and of `extra`, without earlier findings. */
export async function baseBook(): Promise<(extra: readonly OwnPrices[]) => PriceBook> {
  const table = await waitForUpdate();
  if (table === null) throw new Error('the price table came back empty');
  const converted = convertTable(table, { repairs: [], free: [], unknown: [] });
  const standard = readFolder(join(ROOT, 'prices')).map((file) => ({
    ...file,
    derived: [],
    cards: (file.cards ?? []).filter((card) => card.tier === undefined && card.speed === undefined),
  }));
  return (extra) => {
    const sources = [{ table: 'genai-prices', version: '', date: '' }];
    const providers = mergeOwnPrices(converted, [...standard, ...extra], sources);
    return createPriceBook({ version: 'base', sources, providers });
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2];
  if (folder === undefined)
    throw new Error('usage: node tools/prices/from-tables.ts <folder of price tables>');
  const bookOver = await baseBook();
  const { files, told } = fromTables(readTables(folder), bookOver);
  addSingleSourced(folder, files, bookOver(files), told);
  const target = join(ROOT, 'prices/from-tables');
  mkdirSync(target, { recursive: true });
  for (const name of readdirSync(target).filter((one) => one.endsWith('.json'))) rmSync(join(target, name));
  for (const file of files) {
    const cards = file.cards ?? [];
    if (cards.length === 0 && file.additions === undefined) continue;
    writeFileSync(join(target, `${file.provider}.json`), `${JSON.stringify(file, null, 2)}\n`);
    const tiers: { [kind: string]: number } = {};
    for (const card of cards) {
      const kind = [card.tier ?? '', card.speed ?? '', card.region ?? '']
        .filter((text) => text !== '')
        .join(' ');
      tiers[kind || 'standard'] = (tiers[kind || 'standard'] ?? 0) + 1;
    }
    console.log(
      file.provider,
      cards.length,
      JSON.stringify(tiers),
      `additions ${file.additions?.length ?? 0}`,
    );
  }
  writeFileSync(join(ROOT, 'docs/price-disagreements.md'), disagreementsText(told));
  console.log(`${told.length} disagreements in docs/price-disagreements.md`);
}
