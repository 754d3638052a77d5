/** The measures of stored events, as SQL. */
import { storedSql } from './kept-as-null.ts';
import type { Measured } from './measures.ts';

/** The contribution of one row of `usage_events` to the sum, as SQL; never null. */
export function addedSql(row: Measured): string {
  if (row.type === 'money') return `case when total_cost is null then 0 else coalesce(${row.column}, 0) end`;
  if ('event' in row.of) return storedSql(row.column);
  const { sql } = row.of;
  return 'where' in sql ? `(${sql.where})::int::bigint` : sql.value;
}

/** The sum over rows of `usage_events`, as SQL; never null where there is a row. */
export function summedSql(row: Measured): string {
  if (row.type === 'money') return `coalesce(sum(${row.column}) filter (where total_cost is not null), 0)`;
  if ('event' in row.of) return `coalesce(sum(${row.column}), 0)`;
  const { sql } = row.of;
  return 'where' in sql ? `count(*) filter (where ${sql.where})` : `sum(${sql.value})`;
}
