/** Opens a scope: one read transaction, the tenants it sees, and the store that answers for them. */
import { AppError } from '@farthing/contract';
import { agreeOnDays } from '../clock/agree-on-days.ts';
import type { Database, Tx } from '../db/database.ts';
import { createPostgresCosts } from './postgres/postgres-costs.ts';
import { KEEP_PLANS, plansAreKept } from './postgres/prepared.ts';
import type { ReadScope } from './scope.ts';
import type { ScopedTenant } from './scoped-tenant.ts';
import { readScopedTenant, scopedTenants, VISIBLE_TENANTS } from './scoped-tenant-rows.ts';

/**
 * Runs work over one tenant's rows (row-level security on) or, with null, over every tenant's. The caller has already
 * been checked for the one or the other: see `readableTenant`. `prepared`: all queries inside are frequent ones. Their
 * plans are kept from the start of the transaction, without an extra round trip.
 *
 * @example await withScope(db, 'acme', (scope) => runCostQuery(scope, query));
 */
export function withScope<Result>(
  db: Database,
  tenant: string | null,
  work: (scope: ReadScope) => Promise<Result>,
  { prepared = false } = {},
): Promise<Result> {
  const run = async (tx: Tx, opened: readonly object[]): Promise<Result> => {
    if (prepared) plansAreKept(tx);
    const tenants = scopedTenants(opened);
    if (tenants.length === 0 && tenant !== null) {
      throw new AppError('unknown_tenant', 'There is no such tenant.', {
        details: [{ path: 'tenant', message: 'is unknown' }],
      });
    }
    await agreeOnDays(tx, new Set(tenants.map((one) => one.timezone)));
    return work(scopeOver(tx, tenants));
  };
  const opening = prepared ? `${KEEP_PLANS}; ${VISIBLE_TENANTS}` : VISIBLE_TENANTS;
  return db.asReader(tenant, run, opening);
}

/** A scope over one tenant in a transaction that is open already. Throws `unknown_tenant`. */
export async function scopeIn(tx: Tx, tenant: string): Promise<ReadScope> {
  const found = await readScopedTenant(tx, tenant);
  if (found === null) throw new AppError('unknown_tenant', 'There is no such tenant.');
  return scopeOver(tx, [found]);
}

/** The only place that chooses the engine. */
function scopeOver(tx: Tx, tenants: readonly ScopedTenant[]): ReadScope {
  const zones = new Set(tenants.map((one) => one.timezone));
  const [only] = zones;
  const timezone = zones.size === 1 && only !== undefined ? only : 'UTC';
  return { tx, costs: createPostgresCosts(tx), tenants, timezone };
}
