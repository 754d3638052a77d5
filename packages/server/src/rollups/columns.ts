/** The columns of `rollups_15m` and `rollups_day`, in the order in which the write path sends them. */
import { BIN_COLUMNS } from '../ledger/latency.ts';
import { MEASURE_COLUMNS } from '../ledger/measures.ts';

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

/** Quarter hours in UTC, and days in the tenant's reporting zone. */
export type RollupTable = 'rollups_15m' | 'rollups_day';

/** The end of an INSERT that adds to rows that are there, in the sums and in the bins named. */
export function onConflictAdd(table: RollupTable, bins: readonly string[] = BIN_COLUMNS): string {
  const plain = MEASURE_COLUMNS.map((column) => `${column} = ${table}.${column} + excluded.${column}`);
  // A sum with a null in it is null: then one of the two is the answer, mostly null again.
  const counted = bins.map(
    (bin) => `${bin} = coalesce(${table}.${bin} + excluded.${bin}, ${table}.${bin}, excluded.${bin})`,
  );
  return `on conflict (${ROLLUP_KEY.join(', ')}) do update set ${[...plain, ...counted].join(', ')}`;
}
