/** What a `CostQuery` may measure, and which sums each measure is made of. */
import { divideHalfEven } from '@farthing/pricing';
import { LATENCY_EDGES_US } from '../ledger/latency.ts';
import { type AllSums, percent, type SumField } from './sums.ts';

/** The sums behind each measure. `requests` always come along: a group without any is none. */
const FIELDS = {
  cost: ['costPicos'],
  input_cost: ['inputCostPicos'],
  output_cost: ['outputCostPicos'],
  other_cost: ['otherCostPicos'],
  cache_read_cost: ['cacheReadCostPicos'],
  cache_write_cost: ['cacheWriteCostPicos'],
  reasoning_cost: ['reasoningCostPicos'],
  list_cost: ['listCostPicos'],
  requests: ['requests'],
  errors: ['errors'],
  unpriced_requests: ['unpricedRequests'],
  input_tokens: ['inputTokens'],
  output_tokens: ['outputTokens'],
  cache_read_tokens: ['cacheReadTokens'],
  cache_write_tokens: ['cacheWriteTokens'],
  reasoning_tokens: ['reasoningTokens'],
  cost_per_request: ['costPicos', 'unpricedRequests'],
  cache_hit_share: ['cacheReadTokens', 'inputTokens'],
  error_rate: ['errors'],
  latency_avg: ['timedRequests', 'latencyUs'],
  latency_p50: ['latencyBins'],
  latency_p95: ['latencyBins'],
  latency_p99: ['latencyBins'],
} as const satisfies { readonly [measure: string]: readonly SumField[] };

export type Measure = keyof typeof FIELDS;

/** Names of the measures; groups may be ranked by any. */
export const MEASURES = Object.keys(FIELDS) as readonly Measure[] as readonly [Measure, ...Measure[]];

/** What is measured where a query does not say: all but the latency. */
export type StandardMeasure = Exclude<Measure, `latency_${string}`>;
export const STANDARD_MEASURES: readonly StandardMeasure[] = MEASURES.filter(
  (measure): measure is StandardMeasure => !measure.startsWith('latency_'),
);

/** The sums that tables of the dashboard show: the cost, and all counts. */
export const TOTALS = [
  'cost',
  'requests',
  'errors',
  'unpriced_requests',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'reasoning_tokens',
] as const satisfies readonly Measure[];
export type TotalSums = SumsOf<(typeof TOTALS)[number]>;

export type FieldOf<M extends Measure> = (typeof FIELDS)[M][number] | 'requests';

/** The sums that answer measures. */
export type SumsOf<M extends Measure> = Pick<AllSums, FieldOf<M>>;

/** The sums to read for measures, each once. */
export function fieldsOf<M extends Measure>(measures: readonly M[]): readonly FieldOf<M>[] {
  return [...new Set<FieldOf<M>>(['requests', ...measures.flatMap((measure) => FIELDS[measure])])];
}

/** Mean cost of a priced request in picos: an unpriced one is not one that cost nothing. Null without any. */
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
 * The latency that a share of the requests does not exceed, milliseconds; null without any. The bin is the one the
 * true quantile lies in (bins grow by a factor of √2); inside it requests are taken as evenly spread.
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
