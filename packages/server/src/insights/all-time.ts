/** Everything there is. Day rollups hold it whatever the zone, since no day is cut. */

import { queryPrepared } from './prepared.ts';
import type { InsightScope } from './scope.ts';
import { readSums, SUM_COLUMNS, type SumRow, type Sums } from './sums.ts';

const FIELDS = ['costPicos', 'requests', 'unpricedRequests'] as const;

export interface AllTime {
  readonly sums: Pick<Sums, (typeof FIELDS)[number]>;
  /** Day of the earliest event in its tenant's reporting zone, `2026-11-22`; null without events. */
  readonly since: string | null;
}

export async function readAllTime(scope: InsightScope): Promise<AllTime> {
  const columns = FIELDS.map((field) => SUM_COLUMNS[field]);
  const { rows } = await queryPrepared<SumRow & { since: string | null }>(
    scope.tx,
    `select min(since) as since, ${columns.map((column) => `coalesce(sum(${column}), 0)::text as ${column}`).join(', ')}
       from unnest($1::text[]) as member (tenant) cross join lateral (
         select min(bucket) as since, ${columns.map((column) => `sum(${column}) as ${column}`).join(', ')}
           from rollups_day where tenant_id = member.tenant and dimension = 'all') as own`,
    [scope.tenants.map((tenant) => tenant.id)],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('an aggregate without groups answers one row');
  return { sums: readSums(row, FIELDS), since: row.since };
}
