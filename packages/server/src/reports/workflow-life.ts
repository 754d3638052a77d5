/** From when to when a workflow has used anything, and whose it is. */
import { startOf, startOfNext } from '../clock/buckets.ts';
import { resolvePoint } from '../clock/point-in-time.ts';
import type { InsightScope, ScopedTenant } from '../costs/scope.ts';

export interface WorkflowLife {
  readonly tenant: ScopedTenant;
  /** Its first and last call, Unix milliseconds. Of calls whose events are past their retention the day is known. */
  readonly first: number;
  readonly last: number;
  /** Whole days of the tenant's zone around them. */
  readonly from: number;
  readonly to: number;
}

interface LifeRow {
  readonly tenant_id: string;
  readonly first_time: Date | null;
  readonly last_time: Date | null;
  readonly first_day: string | null;
  readonly last_day: string | null;
}

/** The tenants of the scope that have a workflow of this name. */
export async function findWorkflow(scope: InsightScope, workflow: string): Promise<WorkflowLife[]> {
  const { rows } = await scope.tx.query<LifeRow>(
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
    [scope.tenants.map((tenant) => tenant.id), workflow],
  );
  return rows.flatMap((row) => {
    const tenant = scope.tenants.find(({ id }) => id === row.tenant_id);
    return tenant === undefined ? [] : [lifeOf(tenant, row)];
  });
}

function lifeOf(tenant: ScopedTenant, row: LifeRow): WorkflowLife {
  const { timezone } = tenant;
  const dayStart = (day: string | null) => (day === null ? undefined : resolvePoint(day, 'from', timezone));
  const firstDay = dayStart(row.first_day);
  const lastDay = dayStart(row.last_day);
  const first = row.first_time?.getTime() ?? firstDay ?? 0;
  const last = row.last_time?.getTime() ?? lastDay ?? first;
  const from = startOf('day', Math.min(first, firstDay ?? first), timezone);
  const to = startOfNext('day', Math.max(last, lastDay ?? last), timezone);
  return {
    tenant,
    // An event is only gone where the rollups begin on an earlier day.
    first: firstDay !== undefined && firstDay < startOf('day', first, timezone) ? firstDay : first,
    last,
    from,
    to,
  };
}
