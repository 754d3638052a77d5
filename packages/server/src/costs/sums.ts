/** The sums that the rows of an answer carry, and how they add up. */
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
  /** How many of them fell into each bin of `LATENCY_EDGES_US`; empty where there is no request at all. */
  readonly latencyBins: readonly number[];
}

export type SumField = keyof AllSums;

/** What is summed where nothing else is asked: everything but the latency. */
export type Sums = Omit<AllSums, 'timedRequests' | 'latencyUs' | 'latencyBins'>;

/** What kind of number each sum is: money in picos, a count, a bigint, or counts by bin. */
export const SUM_KINDS = {
  costPicos: 'picos',
  inputCostPicos: 'picos',
  outputCostPicos: 'picos',
  otherCostPicos: 'picos',
  cacheReadCostPicos: 'picos',
  cacheWriteCostPicos: 'picos',
  reasoningCostPicos: 'picos',
  listCostPicos: 'picos',
  requests: 'count',
  errors: 'count',
  unpricedRequests: 'count',
  inputTokens: 'count',
  outputTokens: 'count',
  cacheReadTokens: 'count',
  cacheWriteTokens: 'count',
  reasoningTokens: 'count',
  timedRequests: 'count',
  latencyUs: 'bigint',
  latencyBins: 'bins',
} as const satisfies { readonly [F in SumField]: 'picos' | 'count' | 'bigint' | 'bins' };

/** Every field of {@link AllSums}. */
export const SUM_FIELDS = Object.keys(SUM_KINDS) as readonly SumField[];

/** The fields of {@link Sums}. */
export const STANDARD_FIELDS = SUM_FIELDS.filter(
  (field): field is keyof Sums =>
    field !== 'timedRequests' && field !== 'latencyUs' && field !== 'latencyBins',
);

/** Nothing, of the fields asked for. */
export function noSums<F extends SumField>(fields: readonly F[]): Pick<AllSums, F> {
  return fromFields(fields, (field) => {
    const kind = SUM_KINDS[field];
    if (kind === 'bins') return [];
    return kind === 'count' ? 0 : 0n;
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

/** Makes sums field by field. The compiler cannot follow a record made name by name: this is where it is told. */
export function fromFields<F extends SumField>(
  fields: readonly F[],
  make: (field: F) => AllSums[SumField],
): Pick<AllSums, F> {
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
