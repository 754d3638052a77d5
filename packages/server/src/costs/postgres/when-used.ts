/**
 * First and last use: of a whole tenant, from the sums over everything; of a workflow, from its events and its own
 * sums.
 */
import { quarterHour } from '../../clock/lengths.ts';
import type { Tx } from '../../db/database.ts';
import type { FirstAndLast, TenantStretch, WorkflowTimes } from '../cost-store.ts';
import type { ScopedTenant } from '../scoped-tenant.ts';
import { queryPrepared } from './prepared.ts';

/** Day of the earliest event in its tenant's reporting zone; null without events. */
export async function readFirstDay(tx: Tx, tenants: readonly ScopedTenant[]): Promise<string | null> {
  const { rows } = await queryPrepared<{ since: string | null }>(
    tx,
    `select min(bucket) as since from unnest($1::text[]) as member (tenant) cross join lateral (
       select bucket from rollups_day where tenant_id = member.tenant and dimension = 'all'
        order by bucket limit 1) as first`,
    [tenants.map((tenant) => tenant.id)],
  );
  return rows[0]?.since ?? null;
}

/** The stretches with calls; quarter hours that they reach into count whole. */
export async function stretchesWithCalls<S extends TenantStretch>(
  tx: Tx,
  stretches: readonly S[],
): Promise<readonly S[]> {
  if (stretches.length === 0) return [];
  const { rows } = await tx.query<{ position: number }>(
    `select position::int as position
       from unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) with ordinality
              as wanted (tenant, low, high, position)
      where exists (select from rollups_15m r
                     where r.tenant_id = wanted.tenant and r.dimension = 'all' and r.requests <> 0
                       and r.bucket >= wanted.low and r.bucket < wanted.high)`,
    [
      stretches.map(({ tenant }) => tenant),
      stretches.map(({ from }) => new Date(quarterHour(from)).toISOString()),
      stretches.map(({ to }) => new Date(to).toISOString()),
    ],
  );
  const found = new Set(rows.map(({ position }) => position - 1));
  return stretches.filter((_, index) => found.has(index));
}

interface TimesRow {
  readonly tenant_id: string;
  readonly first_time: Date | null;
  readonly last_time: Date | null;
  readonly first_day: string | null;
  readonly last_day: string | null;
}

/** By events that are kept, and by the day rows that outlive them. */
export async function readWorkflowTimes(
  tx: Tx,
  tenants: readonly ScopedTenant[],
  workflow: string,
): Promise<readonly WorkflowTimes[]> {
  const { rows } = await tx.query<TimesRow>(
    `select wanted.id as tenant_id, events.first_time, events.last_time, days.first_day, days.last_day
       from unnest($1::text[]) as wanted(id)
      cross join lateral (
        select min(event_time) as first_time, max(event_time) as last_time from usage_events
         where tenant_id = wanted.id and workflow = $2) events
      cross join lateral (
        select min(bucket) as first_day, max(bucket) as last_day from rollups_day
         where tenant_id = wanted.id and dimension = 'workflow' and value = $2 and requests > 0) days
      where events.first_time is not null or days.first_day is not null
      order by wanted.id`,
    [tenants.map((tenant) => tenant.id), workflow],
  );
  return rows.map((row) => ({
    tenant: row.tenant_id,
    calls: firstAndLast(row.first_time, row.last_time),
    days:
      row.first_day === null || row.last_day === null ? null : { first: row.first_day, last: row.last_day },
  }));
}

export async function readWorkflowCalls(
  tx: Tx,
  { tenant, from, to }: TenantStretch,
  workflow: string,
): Promise<FirstAndLast | null> {
  const { rows } = await tx.query<{ first: Date | null; last: Date | null }>(
    `select min(event_time) as first, max(event_time) as last from usage_events
      where tenant_id = $1 and workflow = $2 and event_time >= $3 and event_time < $4`,
    [tenant, workflow, new Date(from), new Date(to)],
  );
  return firstAndLast(rows[0]?.first, rows[0]?.last);
}

const firstAndLast = (first: Date | null | undefined, last: Date | null | undefined): FirstAndLast | null =>
  first == null || last == null ? null : { first: first.getTime(), last: last.getTime() };
