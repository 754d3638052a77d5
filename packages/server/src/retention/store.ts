/** Retention settings and watermarks in `tenants`. */
import type { Tx } from '../db/database.ts';
import { audit } from '../tenants/audit/write-audit.ts';
import { cutoffOf, effectiveDays } from './cutoff.ts';

export interface TenantRetention {
  readonly tenant: string;
  readonly timeZone: string;
  /** The tenant's own setting; null = as long as the instance keeps. */
  readonly days: number | null;
  /** The watermark: events before it are deleted or being deleted. */
  readonly eventsFrom: Date | null;
  /** When it was moved there. */
  readonly movedAt: Date | null;
}

interface Row {
  readonly id: string;
  readonly time_zone: string;
  readonly retention_days: number | null;
  readonly events_from: Date | null;
  readonly events_from_at: Date | null;
}

const COLUMNS = 'id, time_zone, retention_days, events_from, events_from_at';

const toRetention = (row: Row): TenantRetention => ({
  tenant: row.id,
  timeZone: row.time_zone,
  days: row.retention_days,
  eventsFrom: row.events_from,
  movedAt: row.events_from_at,
});

/** Null if there is no such tenant. */
export async function readRetention(tx: Tx, tenant: string): Promise<TenantRetention | null> {
  const { rows } = await tx.query<Row>(`select ${COLUMNS} from tenants where id = $1`, [tenant]);
  return rows[0] === undefined ? null : toRetention(rows[0]);
}

/** Of every tenant, by id. */
export async function listRetention(tx: Tx): Promise<readonly TenantRetention[]> {
  const { rows } = await tx.query<Row>(`select ${COLUMNS} from tenants order by id collate "C"`);
  return rows.map(toRetention);
}

/** Sets the tenant's own retention and writes it to the audit log; does nothing for an unknown tenant. */
export async function writeRetention(
  tx: Tx,
  change: { readonly tenant: string; readonly days: number | null; readonly actor: string },
): Promise<void> {
  const { tenant, days, actor } = change;
  const { rows } = await tx.query<{ before: number | null }>(
    `update tenants t set retention_days = $2 from tenants old where t.id = $1 and old.id = t.id
     returning old.retention_days as before`,
    [tenant, days],
  );
  if (rows[0] === undefined) return;
  const details = { before: rows[0].before, days };
  await audit(tx, { actor, action: 'retention.set', tenantId: tenant, details });
}

/**
 * Events of a tenant from its watermark up to `before`, the first instant of a local day: moving the watermark there
 * deletes them.
 */
export async function countBefore(tx: Tx, tenant: string, before: number): Promise<number> {
  const { rows } = await tx.query<{ events: number }>(
    `select coalesce(sum(requests), 0)::float8 as events
       from rollups_15m r join tenants t on t.id = r.tenant_id
      where r.tenant_id = $1 and r.dimension = 'all' and r.bucket < $2
        and r.bucket >= coalesce(t.events_from, '-infinity')`,
    [tenant, new Date(before)],
  );
  return rows[0]?.events ?? 0;
}

export interface Moved {
  readonly tenant: string;
  readonly eventsFrom: Date;
}

/** Moves watermarks to the current cutoff. They only move forward: deleted events do not come back. */
export async function moveWatermarks(
  tx: Tx,
  options: { readonly instanceDays: number | null; readonly now: number },
): Promise<readonly Moved[]> {
  const moved: Moved[] = [];
  for (const one of await listRetention(tx)) {
    const days = effectiveDays(one.days, options.instanceDays);
    if (days === null) continue;
    const eventsFrom = new Date(cutoffOf(days, one.timeZone, options.now));
    if (one.eventsFrom !== null && one.eventsFrom >= eventsFrom) continue;
    const { rowCount } = await tx.query(
      `update tenants set events_from = $2, events_from_at = now()
        where id = $1 and (events_from is null or events_from < $2)`,
      [one.tenant, eventsFrom],
    );
    if (rowCount === 1) moved.push({ tenant: one.tenant, eventsFrom });
  }
  return moved;
}

/** Watermarks that stand for longer than the grace, milliseconds by the database's clock. */
export async function readSettledWatermarks(tx: Tx, graceMs: number): Promise<readonly Moved[]> {
  const { rows } = await tx.query<{ now: Date }>('select now() as now');
  const settled = (rows[0]?.now.getTime() ?? 0) - graceMs;
  return (await listRetention(tx)).flatMap(({ tenant, eventsFrom, movedAt }) =>
    eventsFrom !== null && movedAt !== null && movedAt.getTime() <= settled ? [{ tenant, eventsFrom }] : [],
  );
}
