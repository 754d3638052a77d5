/** Whose rows a reader sees: one transaction, its tenants and the zone they report in. */
import { AppError } from '@farthing/contract';
import { z } from 'zod';
import type { Database, Tx } from '../db/database.ts';
import { agreeOnDays } from './agree-on-days.ts';
import { KEEP_PLANS, plansAreKept } from './prepared.ts';

/** A tenant's id as a parameter. */
export const tenantInput = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'is not the id of a tenant');

/** One tenant as queries need it. */
export interface ScopedTenant {
  readonly id: string;
  readonly name: string;
  /** Zone of its day rollups. */
  readonly timezone: string;
  /** Its watermark, Unix milliseconds: before it there are sums and no single events. Null: every event is kept. */
  readonly eventsFrom: number | null;
}

/** A read transaction and what it may see. */
export interface InsightScope {
  readonly tx: Tx;
  readonly tenants: readonly ScopedTenant[];
  /** The tenants' reporting zone, or UTC where they have several. */
  readonly timezone: string;
}

interface TenantRow {
  readonly id: string;
  readonly name: string;
  readonly time_zone: string;
  readonly events_from: Date | null;
}

/** The tenants a transaction sees: row-level security leaves a reader his own. */
const TENANTS = 'select id, name, time_zone, events_from from tenants order by id';

/**
 * Runs work over one tenant's rows (row-level security on) or, with null, over every tenant's. Which of the two a
 * caller may is decided before: see `readableTenant`. `prepared`: all that is asked are questions that come again and
 * again; their plans are kept from the start, without a round trip for it.
 *
 * @example await withScope(db, 'acme', (scope) => runCostQuery(scope, query));
 */
export function withScope<Result>(
  db: Database,
  tenant: string | null,
  work: (scope: InsightScope) => Promise<Result>,
  { prepared = false } = {},
): Promise<Result> {
  const run = async (tx: Tx, opened: readonly object[]): Promise<Result> => {
    if (prepared) plansAreKept(tx);
    const tenants = (opened as readonly TenantRow[]).map(toTenant);
    if (tenants.length === 0 && tenant !== null) {
      throw new AppError('unknown_tenant', 'There is no such tenant.', {
        details: [{ path: 'tenant', message: 'is unknown' }],
      });
    }
    const zones = new Set(tenants.map((one) => one.timezone));
    await agreeOnDays(tx, zones);
    const [only] = zones;
    return work({ tx, tenants, timezone: zones.size === 1 && only !== undefined ? only : 'UTC' });
  };
  const opening = prepared ? `${KEEP_PLANS}; ${TENANTS}` : TENANTS;
  return db.asReader(tenant, run, opening);
}

/** All tenants that the transaction sees, or the one of this id. */
export async function readTenants(tx: Tx, tenant: string | null): Promise<readonly ScopedTenant[]> {
  const { rows } = await tx.query<TenantRow>(
    'select id, name, time_zone, events_from from tenants where $1::text is null or id = $1 order by id',
    [tenant],
  );
  return rows.map(toTenant);
}

const toTenant = (row: TenantRow): ScopedTenant => ({
  id: row.id,
  name: row.name,
  timezone: row.time_zone,
  eventsFrom: row.events_from?.getTime() ?? null,
});
