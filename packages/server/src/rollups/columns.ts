/** The columns of `rollups_15m` and `rollups_day`, in the order of the row types of the write path. */

export const KEY_COLUMNS = [
  'tenant_id',
  'dimension',
  'bucket',
  'value',
  'provider',
  'model',
  'operation',
] as const;

/** Whole numbers. `timed_requests` had a latency; `latency_us` is the sum of theirs, in microseconds. */
export const COUNT_COLUMNS = [
  'requests',
  'errors',
  'unpriced_requests',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'reasoning_tokens',
  'timed_requests',
  'latency_us',
] as const;

/**
 * USD of the priced requests alone. The first three sum to `total_cost`; the cache's costs are parts of `input_cost`,
 * reasoning's of `output_cost`; `list_cost` is what `total_cost` would be at list price.
 */
export const COST_COLUMNS = [
  'input_cost',
  'output_cost',
  'other_cost',
  'total_cost',
  'cache_read_cost',
  'cache_write_cost',
  'reasoning_cost',
  'list_cost',
] as const;

/** `l00` … `l39`: how many latencies fell into each bin; null = 0. Their edges stand in `ledger/latency.ts`. */
export const HISTOGRAM_COLUMNS: readonly string[] = Array.from(
  { length: 40 },
  (_, bin) => `l${String(bin).padStart(2, '0')}`,
);

/** All that is summed. */
export const SUM_COLUMNS: readonly string[] = [...COUNT_COLUMNS, ...COST_COLUMNS, ...HISTOGRAM_COLUMNS];

/** Quarter hours in UTC, and days in the tenant's reporting zone. */
export type RollupTable = 'rollups_15m' | 'rollups_day';

/** The end of an INSERT that adds to rows that are there, in the sums and in the bins named. */
export function onConflictAdd(table: RollupTable, bins: readonly string[] = HISTOGRAM_COLUMNS): string {
  const plain = [...COUNT_COLUMNS, ...COST_COLUMNS].map(
    (column) => `${column} = ${table}.${column} + excluded.${column}`,
  );
  // A sum with a null in it is null: then one of the two is the answer, mostly null again.
  const counted = bins.map(
    (bin) => `${bin} = coalesce(${table}.${bin} + excluded.${bin}, ${table}.${bin}, excluded.${bin})`,
  );
  return `on conflict (${KEY_COLUMNS.join(', ')}) do update set ${[...plain, ...counted].join(', ')}`;
}
