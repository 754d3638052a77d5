/** The columns of `rollups_15m` and `rollups_day`, in the order in which the write path sends them. */

import { keptSumSql, ofTable, SPARSE_COLUMNS, usualSumSql } from '../ledger/kept-as-null.ts';
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

/** Does null mean 0 in this column? */
export const isSparse = (column: string): boolean =>
  SPARSE_COLUMNS.has(column) || BIN_COLUMNS.includes(column);

/** Quarter hours in UTC, and days in the tenant's reporting zone. */
export type RollupTable = 'rollups_15m' | 'rollups_day';

/** How a sum is kept, as SQL over all sums of a row: null where that tells it. */
export function sparselySql(column: string, sumOf: (column: string) => string = (one) => one): string {
  const usual = usualSumSql(column, sumOf) ?? (isSparse(column) ? '0' : null);
  return usual === null ? sumOf(column) : `nullif(${sumOf(column)}, ${usual})`;
}

/** The end of an INSERT that adds to rows that are there, in the sums and in the bins named. */
export function onConflictAdd(table: RollupTable, bins: readonly string[] = BIN_COLUMNS): string {
  const added = [...MEASURE_COLUMNS, ...bins].map((column) => `${column} = ${addedSql(table, column)}`);
  return `on conflict (${ROLLUP_KEY.join(', ')}) do update set ${added.join(', ')}`;
}

function addedSql(table: RollupTable, column: string): string {
  const both = (of: (from: string) => string | null) => `${of(table)} + ${of('excluded')}`;
  const sum = both((from) => `${from}.${column}`);
  // A sum with a null in it is null: then one of the two is the answer, mostly null again.
  if (isSparse(column)) return `coalesce(${sum}, ${table}.${column}, excluded.${column})`;
  if (usualSumSql(column) === null) return sum;
  return `case when ${table}.${column} is not null or excluded.${column} is not null
    then nullif(${both((from) => keptSumSql(column, ofTable(from)))}, ${both((from) => usualSumSql(column, ofTable(from)))}) end`;
}
