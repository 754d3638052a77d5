/** By what groups are ranked: each measure as SQL over the sums of a group. */
import { LATENCY_EDGES_US } from '../../../ledger/latency.ts';
import {
  binEdgesUs,
  type DerivedMeasure,
  fieldsOf,
  isDerived,
  type Measure,
  QUANTILES,
} from '../../measures.ts';
import { columnsOf } from './columns.ts';

/** Measures that are not a sum themselves. The figures are those of `measures.ts`; null where there is none. */
const WEIGHTS: { readonly [M in DerivedMeasure]: string } = {
  cost_per_request: 'total_cost / nullif(requests - unpriced_requests, 0)',
  cache_hit_share: 'cache_read_tokens / nullif(input_tokens, 0)',
  error_rate: 'errors / nullif(requests, 0)',
  latency_avg: 'latency_us / nullif(timed_requests, 0)',
  latency_p50: quantileSql(QUANTILES.latency_p50),
  latency_p95: quantileSql(QUANTILES.latency_p95),
  latency_p99: quantileSql(QUANTILES.latency_p99),
};

const weightOf = (measure: Measure): string =>
  isDerived(measure) ? WEIGHTS[measure] : (columnsOf(fieldsOf([measure])).at(-1) ?? 'requests');

/**
 * A select that gives each group of `cells` (by `keys`, asked period only) its `weight`.
 */
export function weighedSql(measure: Measure, keys: readonly string[]): string {
  const names = keys.join(', ');
  const sums = columnsOf(fieldsOf([measure])).map(
    (column) => `sum(${column}) filter (where slot >= 0) as ${column}`,
  );
  return `select ${names}, ${weightOf(measure)} as weight
    from (select ${names}, ${sums.join(', ')} from cells group by ${names}) as groups`;
}

/** The bin of the rank, and the rank's place in it. */
function quantileSql(quantile: number): string {
  const bins = columnsOf(['latencyBins']).join(', ');
  const lows = LATENCY_EDGES_US.join(', ');
  const highs = LATENCY_EDGES_US.map((_, bin) => binEdgesUs(bin)[1]).join(', ');
  return `(select low + (high - low) * (rank - below - 0.5) / count
      from (select low, high, count, sum(count) over (order by low) - count as below,
                   greatest(1, ceil(${quantile} * sum(count) over ())) as rank
              from unnest(array[${bins}]::bigint[], array[${lows}]::numeric[], array[${highs}]::numeric[])
                   as bin (count, low, high)) as placed
     where count > 0 and below < rank and below + count >= rank)`;
}
