/** Makes cards of what the tables say, held against the prices of standard calls that our book has. */

import type { RateCard } from '../../../packages/pricing/src/book/price-book.ts';
import { METERS, type Meter } from '../../../packages/pricing/src/usage/meters.ts';
import { multiplyDecimalTexts } from '../../../packages/server/src/price-book/compile/derive.ts';
import type { OwnCard } from '../../../packages/server/src/price-book/compile/own-schema.ts';
import { compare, decide, ratioOf, rounds, type Stated, same } from './decide.ts';
import {
  modeOf,
  standardMode,
  type TableInfo,
  type TableMode,
  type TableModel,
  type TablePrice,
} from './facts.ts';

/** A table that was read. */
export interface Table {
  readonly info: TableInfo;
  readonly models: readonly TableModel[];
}

/** Something the sources do not agree upon, for the report. */
export interface Disagreement {
  readonly provider: string;
  readonly model: string;
  readonly mode: string;
  readonly meter: string;
  /** Source → what it says. */
  readonly says: readonly (readonly [string, string])[];
  readonly followed: string;
  readonly why: string;
}

/** What providers publish of a tier as a whole; figures that contradict it are not followed. */
export const PUBLISHED_RATIOS: { readonly [provider: string]: { readonly [tier: string]: string } } = {
  anthropic: { batch: '0.5' },
  openai: { batch: '0.5', flex: '0.5' },
  azure: { batch: '0.5' },
  google: { batch: '0.5', flex: '0.5' },
  vertex: { batch: '0.5', flex: '0.5' },
  bedrock: { batch: '0.5', flex: '0.5', priority: '1.75' },
};

type Mode = Pick<TableMode, 'tier' | 'speed' | 'region'>;

/** One of our models, the tables' entries for it, and one of its standard cards. */
export interface Candidate {
  readonly provider: string;
  readonly model: string;
  readonly base: RateCard;
  /** Oldest table first; at most one entry per table and region. */
  readonly entries: readonly { readonly info: TableInfo; readonly model: TableModel }[];
}

const modeName = ({ tier, speed, region }: Mode) =>
  [tier, speed === 'fast' ? 'fast' : '', region ?? ''].filter((text) => text !== '').join(' ');

/** True where a table's standard price is the card's: input and output, below any threshold. */
export function agreesWithBase(model: TableModel, base: RateCard): boolean {
  const mode = standardMode(model) ?? model.modes[0];
  if (mode === undefined) return false;
  if (mode.region !== null) return true;
  const input = base.rates.input_uncached?.usd;
  const output = base.rates.output_text?.usd;
  const theirs = mode.prices;
  if (input === undefined || theirs.input_uncached === undefined) return false;
  if (!same(theirs.input_uncached.usd, input)) return false;
  return output === undefined || theirs.output_text === undefined || same(theirs.output_text.usd, output);
}

/** Cards for everything except a plain call, as far as the tables have them. */
export function reconcile(candidate: Candidate, told: Disagreement[]): OwnCard[] {
  const modes = new Map<string, Mode>();
  for (const { model } of candidate.entries) {
    for (const mode of model.modes) modes.set(modeName(mode), mode);
  }
  modes.delete('standard');
  const made = new Map<string, OwnCard>();
  // Modes without a region first: a regional one is held against them.
  const sorted = [...modes.values()].sort((a, b) => Number(a.region !== null) - Number(b.region !== null));
  for (const mode of sorted) {
    const reference =
      mode.region === null
        ? candidate.base.rates
        : referenceOf(candidate, made.get(modeName({ ...mode, region: null })), mode);
    if (reference === null) continue;
    const card = modeCard(candidate, mode, reference, told);
    if (card !== null) made.set(modeName(mode), card);
  }
  return [...made.values()];
}

type Rates = RateCard['rates'];

function referenceOf(candidate: Candidate, card: OwnCard | undefined, mode: Mode): Rates | null {
  if (mode.tier === 'standard' && mode.speed === 'standard') return candidate.base.rates;
  return card === undefined ? null : (card.rates as Rates);
}

function modeCard(candidate: Candidate, mode: Mode, reference: Rates, told: Disagreement[]): OwnCard | null {
  const { provider, model, base } = candidate;
  const stated = candidate.entries.flatMap(({ info, model: entry }) => {
    const found = modeOf(entry, mode);
    if (found === null) return [];
    const standard = renamed(standardMode(entry)?.prices ?? {}, base.rates);
    return [{ info, prices: renamed(found.prices, base.rates), standard }];
  });
  const tell = (meter: string, says: Disagreement['says'], followed: string, why: string) =>
    told.push({ provider, model, mode: modeName(mode), meter, says, followed, why });
  const ratio = ratioOfMode(provider, mode, stated, reference);
  const plausible = stated.filter(({ info, prices }) => {
    const why = implausible(mode, prices, reference, ratio);
    if (why !== null) tell('all', [[info.table, prices.input_uncached?.usd ?? '–']], 'none', why);
    return why === null;
  });
  if (plausible.length === 0) return null;
  const rates: { [M in Meter]?: OwnCard['rates'][M] } = {};
  const unpriced: Meter[] = [];
  const used = new Set<string>();
  for (const [meter, rate] of Object.entries(base.rates) as [Meter, NonNullable<Rates[Meter]>][]) {
    if (METERS[meter].unit !== 'tokens') {
      rates[meter] = rate.usd;
      continue;
    }
    const says: Stated[] = plausible.flatMap(({ info, prices, standard }) => {
      const usd = prices[meter]?.usd;
      if (usd === undefined) return [];
      const theirs = standard[meter]?.usd;
      if (theirs === undefined || same(theirs, rate.usd) || rounds(theirs, rate.usd)) {
        return [{ table: info.table, usd }];
      }
      tell(meter, [[info.table, usd]], 'not this', `its standard price is ${theirs}, ours ${rate.usd}`);
      return [];
    });
    const against = usdOf(reference[meter]);
    const decision = decide(says, against, ratio);
    const derived = decision.usd === null && against !== null && carries(meter, mode, ratio, provider);
    const usd = derived && ratio !== null ? multiplyDecimalTexts(against, ratio) : decision.usd;
    if (usd === null) {
      unpriced.push(meter);
      continue;
    }
    for (const one of decision.followed) used.add(one);
    if (decision.reason !== null) {
      tell(
        meter,
        says.map((one) => [one.table, one.usd]),
        usd,
        decision.reason,
      );
    }
    if (derived)
      tell(meter, [['tables', '–']], usd, `not stated; standard × ${ratio}, as the provider publishes`);
    const steps = stepsOf(meter, rate, usd, plausible, ratio);
    rates[meter] = steps.length === 0 ? usd : { usd, steps };
  }
  if (rates.input_uncached === undefined) return null;
  const infos = plausible.map(({ info }) => info).filter((info) => used.has(info.table));
  return {
    model,
    ...(base.from === null ? {} : { from: base.from }),
    ...(base.to === null ? {} : { to: base.to }),
    ...(mode.tier === 'standard' ? {} : { tier: mode.tier }),
    ...(mode.speed === 'standard' ? {} : { speed: mode.speed }),
    ...(mode.region === null ? {} : { region: mode.region }),
    rates: rates as OwnCard['rates'],
    ...(unpriced.length === 0 ? {} : { unpriced: unpriced as [Meter, ...Meter[]] }),
    source: sourceOf(infos),
  };
}

/** The table or tables as one source, dated as the newest of them. */
export function sourceOf(infos: readonly TableInfo[]): NonNullable<OwnCard['source']> {
  const newest = infos.at(-1);
  if (newest === undefined) throw new Error('a figure without a table');
  return {
    table: infos.map((info) => info.table).join(' and '),
    version: infos.map((info) => info.version).join(' and '),
    date: newest.date,
    url: newest.url,
  };
}

const usdOf = (rate: unknown): string | null => {
  if (typeof rate === 'string') return rate;
  if (typeof rate !== 'object' || rate === null) return null;
  return String((rate as { readonly usd: string }).usd);
};

/** Tables say "cache write" for what a card may call the five-minute one. */
function renamed(prices: TableMode['prices'], base: Rates): TableMode['prices'] {
  const { input_cache_write: write, ...rest } = prices;
  if (write === undefined || base.input_cache_write_5m === undefined) return prices;
  return { ...rest, input_cache_write_5m: write };
}

/** The price of a mode relative to standard calls: the ratio of input and output if they agree, else the published one. */
function ratioOfMode(
  provider: string,
  mode: Mode,
  stated: readonly { readonly prices: TableMode['prices'] }[],
  reference: Rates,
): string | null {
  for (const { prices } of [...stated].reverse()) {
    const input = pairRatio(prices.input_uncached, reference.input_uncached);
    const output = pairRatio(prices.output_text, reference.output_text);
    if (input !== null && (output === null || output === input)) return input;
  }
  return mode.region === null ? (PUBLISHED_RATIOS[provider]?.[mode.tier] ?? null) : null;
}

function pairRatio(price: TablePrice | undefined, rate: unknown): string | null {
  const base = usdOf(rate);
  return price === undefined || base === null || base === '0' ? null : ratioOf(price.usd, base);
}

/** Why a table's prices of a mode cannot be meant, or null. */
function implausible(
  mode: Mode,
  prices: TableMode['prices'],
  reference: Rates,
  ratio: string | null,
): string | null {
  const input = prices.input_uncached?.usd;
  const base = usdOf(reference.input_uncached);
  if (input === undefined || base === null) return 'states no input price';
  const order = compare(input, base);
  const cheaper = mode.tier === 'batch' || mode.tier === 'flex';
  if (mode.region !== null) {
    if (order < 0) return 'a region cheaper than anywhere';
    if (ratio === null) return 'in no known ratio to the price without a region';
    return order > 0 && !['1.1'].includes(ratio) ? `× ${ratio} is no regional surcharge` : null;
  }
  if (cheaper && order >= 0) return `${mode.tier} that costs no less than standard`;
  if (!cheaper && order <= 0) return `${modeName(mode)} that costs no more than standard`;
  return null;
}

/** Whether a meter no table states may take the ratio of the mode: what is cached is discounted on its own. */
function carries(meter: Meter, mode: Mode, ratio: string | null, provider: string): boolean {
  if (ratio === null) return false;
  if (mode.region !== null) return true;
  if (provider === 'anthropic') return true;
  return !meter.includes('cache') && PUBLISHED_RATIOS[provider]?.[mode.tier] === ratio;
}

/** Steps stand where the standard card has them, at its thresholds: tables word them loosely. */
function stepsOf(
  meter: Meter,
  base: NonNullable<Rates[Meter]>,
  usd: string,
  stated: readonly { readonly prices: TableMode['prices'] }[],
  ratio: string | null,
): { from: number; usd: string }[] {
  return (base.steps ?? []).flatMap((step) => {
    const theirs = [...stated].reverse().flatMap(({ prices }) => prices[meter]?.above?.usd ?? []);
    const expected = ratio === null ? null : multiplyDecimalTexts(step.usd, ratio);
    const fits = theirs.find((one) => expected !== null && same(one, expected));
    const above = fits ?? theirs[0] ?? expected;
    return above === null || compare(above, usd) < 0 ? [] : [{ from: step.from, usd: above }];
  });
}
