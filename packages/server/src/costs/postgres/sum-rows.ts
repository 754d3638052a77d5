/** Where sums stand in the tables, and how a row of them is read. */
import { parseUsd } from '@farthing/pricing';
import { type AllSums, fromFields, SUM_KINDS, type SumField } from '../sums.ts';

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

/** A row of sums as Postgres sends it: numeric and int8 as text, the bins as an array of them. */
export type SumRow = { readonly [C in SumColumn]?: string | readonly (string | null)[] };

/** The sums of a row that were asked for. */
export function readSums<F extends SumField>(row: SumRow, fields: readonly F[]): Pick<AllSums, F> {
  return fromFields(fields, (field) => readField(row[SUM_COLUMNS[field]], field));
}

function readField(value: SumRow[SumColumn], field: SumField): bigint | number | readonly number[] {
  const kind = SUM_KINDS[field];
  if (kind === 'bins') return Array.isArray(value) ? value.map(Number) : [];
  if (typeof value !== 'string') throw new TypeError(`the statement answered no ${SUM_COLUMNS[field]}`);
  if (kind === 'bigint') return BigInt(value);
  return kind === 'picos' ? parseUsd(value) : Number(value);
}
