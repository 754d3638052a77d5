/** The first and last call of a workflow, and its tenant. */
import { startOf, startOfNext } from '../clock/buckets.ts';
import { resolvePoint } from '../clock/point-in-time.ts';
import type { WorkflowTimes } from '../costs/cost-store.ts';
import type { CostScope } from '../costs/scope.ts';
import type { ScopedTenant } from '../costs/scoped-tenant.ts';

export interface WorkflowLife {
  readonly tenant: ScopedTenant;
  /** Its first and last call, Unix milliseconds. Of calls whose events are past their retention the day is known. */
  readonly first: number;
  readonly last: number;
  /** Whole days of the tenant's zone around them. */
  readonly from: number;
  readonly to: number;
}

/** The tenants of the scope that have a workflow of this name. */
export async function findWorkflow(scope: CostScope, workflow: string): Promise<WorkflowLife[]> {
  const found = await scope.costs.workflowTimes(scope.tenants, workflow);
  return found.flatMap((times) => {
    const tenant = scope.tenants.find(({ id }) => id === times.tenant);
    return tenant === undefined ? [] : [lifeOf(tenant, times)];
  });
}

function lifeOf(tenant: ScopedTenant, { calls, days }: WorkflowTimes): WorkflowLife {
  const { timezone } = tenant;
  const firstDay = days === null ? undefined : resolvePoint(days.first, 'from', timezone);
  const lastDay = days === null ? undefined : resolvePoint(days.last, 'from', timezone);
  const first = calls?.first ?? firstDay ?? 0;
  const last = calls?.last ?? lastDay ?? first;
  const from = startOf('day', Math.min(first, firstDay ?? first), timezone);
  const to = startOfNext('day', Math.max(last, lastDay ?? last), timezone);
  return {
    tenant,
    // Events are only missing if the rollups begin on an earlier day.
    first: firstDay !== undefined && firstDay < startOf('day', first, timezone) ? firstDay : first,
    last,
    from,
    to,
  };
}
