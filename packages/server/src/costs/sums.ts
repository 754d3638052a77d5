/** The sums that the rows of an answer carry, and how they add up. */
import { parseUsd } from '@farthing/pricing';

/** Every sum there is. Money is picos and of priced requests only; counts are whole numbers. */
export interface AllSums {
  readonly costPicos: bigint;
  /** Input, output and other are disjoint and make up the cost. */
  readonly inputCostPicos: bigint;
  readonly outputCostPicos: bigint;
  readonly otherCostPicos: bigint;
  /** Parts of the input cost. */
  readonly cacheReadCostPicos: bigint;
  readonly cacheWriteCostPicos: bigint;
  /** Part of the output cost. */
  readonly reasoningCostPicos: bigint;
  /** At the list price, before a tenant's overrides and tiers that charge nothing. */
  readonly listCostPicos: bigint;
  readonly requests: number;
  readonly errors: number;
  readonly unpricedRequests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Parts of the input tokens. */
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  /** Part of the output tokens. */
  readonly reasoningTokens: number;
  /** Requests whose latency is known. */
  readonly timedRequests: number;
  /** Their latency in microseconds. */
  readonly latencyUs: bigint;
  /** How many of them fell into each bin of `LATENCY_EDGES_US`. */
  readonly latencyBins: readonly number[];
}

export type SumField = keyof AllSums;

/** What is summed where nothing else is asked: everything but the latency. */
export type Sums = Omit<AllSums, 'timedRequests' | 'latencyUs' | 'latencyBins'>;

/** Where each sum stands in a rollup; the bins of the latency have columns of their own. */
export const SUM_COLUMNS = {
  costPicos: 'total_cost',
  inputCostPicos: 'input_cost',
  outputCostPicos: 'output_cost',
  otherCostPicos: 'other_cost',
  cacheReadCostPicos: 'cache_read_cost',
  cacheWriteCostPicos: 'cache_write_cost',
  reasoningCostPicos: 'reasoning_cost',
  listCostPicos: 'list_cost',
  requests: 'requests',
  errors: 'errors',
  unpricedRequests: 'unpriced_requests',
  inputTokens: 'input_tokens',
  outputTokens: 'output_tokens',
  cacheReadTokens: 'cache_read_tokens',
  cacheWriteTokens: 'cache_write_tokens',
  reasoningTokens: 'reasoning_tokens',
  timedRequests: 'timed_requests',
  latencyUs: 'latency_us',
  latencyBins: 'latency_bins',
} as const satisfies { readonly [F in SumField]: string };

export type SumColumn = (typeof SUM_COLUMNS)[SumField];

/** The fields of {@link Sums}. */
export const STANDARD_FIELDS = (Object.keys(SUM_COLUMNS) as SumField[]).filter(
  (field): field is keyof Sums =>
    field !== 'timedRequests' && field !== 'latencyUs' && field !== 'latencyBins',
);

/** A row of sums as Postgres sends it: numeric and int8 as text, the bins as an array of them. */
export type SumRow = { readonly [C in SumColumn]?: string | readonly (string | null)[] };

/** The sums of a row that were asked for. */
export function readSums<F extends SumField>(row: SumRow, fields: readonly F[]): Pick<AllSums, F> {
  return fromFields(fields, (field) => readField(row[SUM_COLUMNS[field]], field));
}

function readField(value: SumRow[SumColumn], field: SumField): bigint | number | readonly number[] {
  if (field === 'latencyBins') return Array.isArray(value) ? value.map(Number) : [];
  if (typeof value !== 'string') throw new TypeError(`the statement answered no ${SUM_COLUMNS[field]}`);
  if (field === 'latencyUs') return BigInt(value);
  return field.endsWith('Picos') ? parseUsd(value) : Number(value);
}

/** Nothing, of the fields asked for. */
export function noSums<F extends SumField>(fields: readonly F[]): Pick<AllSums, F> {
  return fromFields(fields, (field) => {
    if (field === 'latencyBins') return [];
    return field === 'latencyUs' || field.endsWith('Picos') ? 0n : 0;
  });
}

export const NO_SUMS: Sums = noSums(STANDARD_FIELDS);

/** Adds field by field; both sides have the same ones. */
export function addSums<F extends SumField>(a: Pick<AllSums, F>, b: Pick<AllSums, F>): Pick<AllSums, F> {
  return fromFields(Object.keys(a) as F[], (field) => addField(a[field], b[field]));
}

/** The other way round; no bins, which are never subtracted. */
export function subtractSums<F extends SumField>(
  from: Pick<AllSums, F>,
  taken: Pick<AllSums, F>,
): Pick<AllSums, F> {
  return fromFields(Object.keys(from) as F[], (field) => {
    const [a, b]: readonly [Field, Field] = [from[field], taken[field]];
    if (typeof a === 'number' && typeof b === 'number') return a - b;
    if (typeof a === 'bigint' && typeof b === 'bigint') return a - b;
    throw new TypeError('these sums cannot be subtracted');
  });
}

type Field = AllSums[SumField];

function addField(a: Field, b: Field): Field {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (typeof a === 'bigint' && typeof b === 'bigint') return a + b;
  if (!Array.isArray(a) || !Array.isArray(b)) throw new TypeError('sums of different kinds do not add up');
  const [longer, shorter] = a.length < b.length ? [b, a] : [a, b];
  return longer.map((count: number, bin) => count + (shorter[bin] ?? 0));
}

/** The compiler cannot follow a record made name by name: this is where it is told. */
function fromFields<F extends SumField>(fields: readonly F[], make: (field: F) => Field): Pick<AllSums, F> {
  const made: { [name: string]: Field } = {};
  for (const field of fields) made[field] = make(field);
  return made as unknown as Pick<AllSums, F>;
}

/** `part / whole` in percent with so many decimals, rounded half up away from zero; null of nothing. */
export function percent(part: bigint, whole: bigint, decimals: number): number | null {
  if (whole === 0n) return null;
  const scale = 10n ** BigInt(decimals);
  const scaled = part * 100n * scale * 2n;
  const twice = scaled / whole;
  const rounded = (twice + (twice < 0n ? -1n : 1n)) / 2n;
  return Number(rounded) / Number(scale);
}

/** Change against a previous amount in percent with one decimal; null when there was nothing before. */
export function changePct(now: bigint, before: bigint): number | null {
  return percent(now - before, before, 1);
}
