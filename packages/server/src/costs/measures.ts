/** The measures of a `CostQuery`, and the sums each is computed from. */
import { divideHalfEven } from '@farthing/pricing';
import { LATENCY_EDGES_US } from '../ledger/latency.ts';
import { COUNTS, type CountMeasure, type Measured, MONEY } from '../ledger/measures.ts';
import { type AllSums, percent, type SumField } from './sums.ts';

/** Measures that are made of sums, but none themselves. */
const DERIVED = {
  cost_per_request: ['costPicos', 'unpricedRequests'],
  cache_hit_share: ['cacheReadTokens', 'inputTokens'],
  error_rate: ['errors'],
  latency_avg: ['timedRequests', 'latencyUs'],
  latency_p50: ['latencyBins'],
  latency_p95: ['latencyBins'],
  latency_p99: ['latencyBins'],
} as const satisfies { readonly [measure: string]: readonly SumField[] };

type SummedRow = Extract<Measured, { readonly measure: string }>;
export type SummedMeasure = SummedRow['measure'];
export type DerivedMeasure = keyof typeof DERIVED;
export type Measure = SummedMeasure | DerivedMeasure;

/** The rows of the table of measures that can be asked for. */
const isAskable = (row: Measured): row is SummedRow => row.measure !== null;
const ASKABLE: readonly SummedRow[] = [...MONEY, ...COUNTS].filter(isAskable);

type SummedFields = { readonly [R in SummedRow as R['measure']]: readonly R['sum'][] };
type FieldsByMeasure = SummedFields & typeof DERIVED;

/** Measures that are sums themselves. */
const summed: { [M in SummedMeasure]?: readonly SumField[] } = {};
for (const { measure, sum } of ASKABLE) summed[measure] = [sum];

/** The sums behind each measure. `requests` always come along: a group without any is none. */
const FIELDS: FieldsByMeasure = { ...(summed as SummedFields), ...DERIVED };

/** True for a measure that is computed from sums. */
export const isDerived = (measure: Measure): measure is DerivedMeasure => measure in DERIVED;

/** Names of the measures; groups may be ranked by any. */
export const MEASURES = Object.keys(FIELDS) as readonly Measure[] as readonly [Measure, ...Measure[]];

/** Measures of a query that names none: all but the latency. */
export type StandardMeasure = Exclude<Measure, `latency_${string}`>;
export const STANDARD_MEASURES: readonly StandardMeasure[] = MEASURES.filter(
  (measure): measure is StandardMeasure => !measure.startsWith('latency_'),
);

/** The sums that tables of the dashboard show: the cost, and all counts. */
export type TotalMeasure = 'cost' | Extract<CountMeasure, { readonly measure: string }>['measure'];
const isTotal = (row: SummedRow): row is Extract<SummedRow, { readonly measure: TotalMeasure }> =>
  row.type !== 'money' || row.measure === 'cost';
export const TOTALS: readonly TotalMeasure[] = ASKABLE.filter(isTotal).map(({ measure }) => measure);
export type TotalSums = SumsOf<TotalMeasure>;

export type FieldOf<M extends Measure> = FieldsByMeasure[M][number] | 'requests';

/** The sums that answer measures. */
export type SumsOf<M extends Measure> = Pick<AllSums, FieldOf<M>>;

/** The sums to read for measures, each once. */
export function fieldsOf<M extends Measure>(measures: readonly M[]): readonly FieldOf<M>[] {
  return [...new Set<FieldOf<M>>(['requests', ...measures.flatMap((measure) => FIELDS[measure])])];
}

/** Mean cost of a priced request in picos; unpriced requests do not count as free ones. Null without a priced request. */
export function costPerRequest(sums: SumsOf<'cost_per_request'>): bigint | null {
  const priced = sums.requests - sums.unpricedRequests;
  return priced > 0 ? divideHalfEven(sums.costPicos, BigInt(priced)) : null;
}

/** Share of the input tokens that came from a cache, percent with two decimals; null without input. */
export function cacheHitSharePct(sums: SumsOf<'cache_hit_share'>): number | null {
  return percent(BigInt(sums.cacheReadTokens), BigInt(sums.inputTokens), 2);
}

/** Share of the requests that failed or were cut short, percent with two decimals; null without requests. */
export function errorRatePct(sums: SumsOf<'error_rate'>): number | null {
  return percent(BigInt(sums.errors), BigInt(sums.requests), 2);
}

/** Mean latency of the requests that have one, milliseconds; null without any. */
export function averageLatencyMs(sums: SumsOf<'latency_avg'>): number | null {
  return sums.timedRequests > 0 ? Number(sums.latencyUs) / sums.timedRequests / 1000 : null;
}

/** The quantiles behind the measures of that name. */
export const QUANTILES = { latency_p50: 0.5, latency_p95: 0.95, latency_p99: 0.99 } as const;

/**
 * Quantile of the latency in milliseconds; null without requests. The true quantile lies in the same bin (bins grow by
 * a factor of √2); inside the bin, requests are assumed to be evenly spread.
 *
 * @example latencyQuantileMs(answer.total.sums, 0.95)
 */
export function latencyQuantileMs(sums: SumsOf<'latency_p50'>, quantile: number): number | null {
  const all = sums.latencyBins.reduce((sum, count) => sum + count, 0);
  if (all <= 0) return null;
  const rank = Math.max(1, Math.ceil(quantile * all));
  let below = 0;
  for (const [bin, count] of sums.latencyBins.entries()) {
    if (below + count >= rank) {
      const [low, high] = binEdgesUs(bin);
      return (low + ((high - low) * (rank - below - 0.5)) / count) / 1000;
    }
    below += count;
  }
  return null;
}

/** A bin's edges in microseconds; the last one is open and taken as wide as its factor. */
export function binEdgesUs(bin: number): readonly [low: number, high: number] {
  const low = LATENCY_EDGES_US[bin] ?? 0;
  return [low, LATENCY_EDGES_US[bin + 1] ?? Math.round(low * Math.SQRT2)];
}
