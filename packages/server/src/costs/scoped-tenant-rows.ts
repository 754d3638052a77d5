/** Tenants as a scope sees them. */
import type { Tx } from '../db/database.ts';
import type { ScopedTenant } from './scoped-tenant.ts';

interface TenantRow {
  readonly id: string;
  readonly name: string;
  readonly time_zone: string;
  readonly events_from: Date | null;
}

const COLUMNS = 'id, name, time_zone, events_from';

/** The tenants a transaction sees: row-level security leaves a reader their own. Read with {@link scopedTenants}. */
export const VISIBLE_TENANTS = `select ${COLUMNS} from tenants order by id`;

/** The rows that {@link VISIBLE_TENANTS} answers, read. */
export function scopedTenants(rows: readonly object[]): readonly ScopedTenant[] {
  return (rows as readonly TenantRow[]).map((row) => ({
    id: row.id,
    name: row.name,
    timezone: row.time_zone,
    eventsFrom: row.events_from?.getTime() ?? null,
  }));
}

/** One tenant; null where there is none, or the role does not see it. */
export async function readScopedTenant(tx: Tx, tenant: string): Promise<ScopedTenant | null> {
  const { rows } = await tx.query<TenantRow>(`select ${COLUMNS} from tenants where id = $1`, [tenant]);
  return scopedTenants(rows)[0] ?? null;
}
