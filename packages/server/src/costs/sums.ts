/** The sums that the rows of an answer carry, and how they add up. */
import { COUNTS, type CountMeasure, type Measured, MONEY, type Money } from '../ledger/measures.ts';

/** Every sum there is, by the table of measures. Money is picos and of priced requests only; counts are whole numbers. */
export type AllSums = { readonly [M in Money as M['sum']]: bigint } & {
  readonly [C in CountMeasure as C['sum']]: C['type'] extends 'large' ? bigint : number;
} & {
  /** How many of the timed requests fell into each bin of `LATENCY_EDGES_US`; empty where there is no request at all. */
  readonly latencyBins: readonly number[];
};

export type SumField = keyof AllSums;

/** The fields of the measures that are sums themselves. */
type StandardField = Extract<Measured, { readonly measure: string }>['sum'];

/** Sums read by default: everything but the latency. */
export type Sums = Pick<AllSums, StandardField>;

const MEASURED: readonly Measured[] = [...MONEY, ...COUNTS];

/** What kind of number each sum is: money in picos, a count, a bigint, or counts by bin. */
export const SUM_KINDS: ReadonlyMap<SumField, Measured['type'] | 'bins'> = new Map([
  ...MEASURED.map(({ sum, type }): [SumField, Measured['type']] => [sum, type]),
  ['latencyBins', 'bins'],
]);

const isStandard = (row: Measured): row is Extract<Measured, { readonly measure: string }> =>
  row.measure !== null;

/** The fields of {@link Sums}. */
export const STANDARD_FIELDS: readonly StandardField[] = MEASURED.filter(isStandard).map(({ sum }) => sum);

/** Nothing, of the fields asked for. */
export function noSums<F extends SumField>(fields: readonly F[]): Pick<AllSums, F> {
  return fromFields(fields, (field) => {
    const kind = SUM_KINDS.get(field);
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

/**
 * Makes sums field by field. The compiler cannot check a record built name by name, so the cast is here, in one place.
 */
export function fromFields<F extends SumField>(
  fields: readonly F[],
  make: (field: F) => AllSums[SumField],
): Pick<AllSums, F> {
  const made: { [name: string]: Field } = {};
  for (const field of fields) made[field] = make(field);
  return made as unknown as Pick<AllSums, F>;
}

/** `part / whole` in percent with this many decimals, rounded half away from zero; null if `whole` is 0. */
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
