/** The columns of an export of sums: a bucket, the values of its group, the measures asked for. */
import { printUsd } from '@farthing/pricing';
import type { Dimension } from '../costs/cost-query.ts';
import {
  averageLatencyMs,
  cacheHitSharePct,
  costPerRequest,
  errorRatePct,
  latencyQuantileMs,
  type Measure,
  type SumsOf,
} from '../costs/measures.ts';
import { plainNumber } from './plain-number.ts';
import type { Column } from './table.ts';

/** Sums of one group in one bucket. */
export interface CostRow {
  /** Null without buckets. */
  readonly bucket: string | null;
  readonly from: string;
  readonly to: string;
  /** Null where the row sums the groups that are not named. */
  readonly values: readonly string[] | null;
  /** How many groups the row sums. */
  readonly groups: number;
  readonly sums: SumsOf<Measure>;
}

type Printed = Pick<Column<SumsOf<Measure>>, 'name' | 'kind' | 'read'>;

const usd = (name: string, read: (sums: SumsOf<Measure>) => bigint | null): Printed => ({
  name: `${name}_usd`,
  kind: 'amount',
  read: (sums) => {
    const picos = read(sums);
    return picos === null ? null : printUsd(picos);
  },
});
const number = (name: string, read: (sums: SumsOf<Measure>) => number | null): Printed => ({
  name,
  kind: 'count',
  read: (sums) => {
    const value = read(sums);
    return value === null ? null : plainNumber(value);
  },
});

const PRINTED: { readonly [M in Measure]: Printed } = {
  cost: usd('cost', (sums) => sums.costPicos),
  input_cost: usd('input_cost', (sums) => sums.inputCostPicos),
  output_cost: usd('output_cost', (sums) => sums.outputCostPicos),
  other_cost: usd('other_cost', (sums) => sums.otherCostPicos),
  cache_read_cost: usd('cache_read_cost', (sums) => sums.cacheReadCostPicos),
  cache_write_cost: usd('cache_write_cost', (sums) => sums.cacheWriteCostPicos),
  reasoning_cost: usd('reasoning_cost', (sums) => sums.reasoningCostPicos),
  list_cost: usd('list_cost', (sums) => sums.listCostPicos),
  requests: number('requests', (sums) => sums.requests),
  errors: number('errors', (sums) => sums.errors),
  unpriced_requests: number('unpriced_requests', (sums) => sums.unpricedRequests),
  input_tokens: number('input_tokens', (sums) => sums.inputTokens),
  output_tokens: number('output_tokens', (sums) => sums.outputTokens),
  cache_read_tokens: number('cache_read_tokens', (sums) => sums.cacheReadTokens),
  cache_write_tokens: number('cache_write_tokens', (sums) => sums.cacheWriteTokens),
  reasoning_tokens: number('reasoning_tokens', (sums) => sums.reasoningTokens),
  cost_per_request: usd('cost_per_request', costPerRequest),
  cache_hit_share: number('cache_hit_share_pct', cacheHitSharePct),
  error_rate: number('error_rate_pct', errorRatePct),
  latency_avg: number('latency_avg_ms', averageLatencyMs),
  latency_p50: number('latency_p50_ms', (sums) => latencyQuantileMs(sums, 0.5)),
  latency_p95: number('latency_p95_ms', (sums) => latencyQuantileMs(sums, 0.95)),
  latency_p99: number('latency_p99_ms', (sums) => latencyQuantileMs(sums, 0.99)),
};

/** Columns in the order of `groupBy` and `measures`. A value is empty where the calls have none. */
export function costColumns(
  groupBy: readonly Dimension[],
  measures: readonly Measure[],
): readonly Column<CostRow>[] {
  return [
    { name: 'bucket', kind: 'text', read: (row) => row.bucket },
    { name: 'from', kind: 'time', read: (row) => row.from },
    { name: 'to', kind: 'time', read: (row) => row.to },
    ...groupBy.map((name, index): Column<CostRow> => {
      return { name, kind: 'text', read: (row) => row.values?.[index] || null };
    }),
    { name: 'groups', kind: 'count', read: (row) => String(row.groups) },
    ...measures.map((measure): Column<CostRow> => {
      const { name, kind, read } = PRINTED[measure];
      return { name, kind, read: (row) => read(row.sums) };
    }),
  ];
}
