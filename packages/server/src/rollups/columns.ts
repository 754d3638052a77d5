/** The columns of `rollups_15m` and `rollups_day`, in the order in which the write path sends them. */
import { BIN_COLUMNS } from '../ledger/latency.ts';
import { MEASURE_COLUMNS, SPARSE_COLUMNS } from '../ledger/measures.ts';

export const ROLLUP_KEY = [
  'tenant_id',
  'dimension',
  'bucket',
  'value',
  'provider',
  'model',
  'operation',
] as const;

/** All that is summed. */
export const SUMMED_COLUMNS: readonly string[] = [...MEASURE_COLUMNS, ...BIN_COLUMNS];

/** Does null mean 0 in this column? */
export const isSparse = (column: string): boolean =>
  SPARSE_COLUMNS.has(column) || BIN_COLUMNS.includes(column);

/** Quarter hours in UTC, and days in the tenant's reporting zone. */
export type RollupTable = 'rollups_15m' | 'rollups_day';

/** The end of an INSERT that adds to rows that are there, in the sums and in the bins named. */
export function onConflictAdd(table: RollupTable, bins: readonly string[] = BIN_COLUMNS): string {
  const added = [...MEASURE_COLUMNS, ...bins].map((column) => {
    const sum = `${table}.${column} + excluded.${column}`;
    // A sum with a null in it is null: then one of the two is the answer, mostly null again.
    return `${column} = ${isSparse(column) ? `coalesce(${sum}, ${table}.${column}, excluded.${column})` : sum}`;
  });
  return `on conflict (${ROLLUP_KEY.join(', ')}) do update set ${added.join(', ')}`;
}
