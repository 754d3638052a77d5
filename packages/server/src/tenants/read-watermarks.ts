/**
 * Watermarks: from when on a tenant's events are kept. Below it they are deleted, or being deleted, and the rollups are
 * the record: rebuilding, re-rating, proofs and queries over events begin at it.
 */
import type { Tx } from '../db/database.ts';

export interface Watermark {
  readonly tenant: string;
  readonly timeZone: string;
  /** Unix milliseconds, the first instant of a day in the tenant's zone; null: every event is kept. */
  readonly eventsFrom: number | null;
}

/** Of all tenants, or of one, by id. The role decides which are seen: ask as operator or writer. */
export async function readWatermarks(tx: Tx, tenant: string | null = null): Promise<readonly Watermark[]> {
  const { rows } = await tx.query<{ id: string; time_zone: string; events_from: Date | null }>(
    `select id, time_zone, events_from from tenants where $1::text is null or id = $1 order by id collate "C"`,
    [tenant],
  );
  return rows.map((row) => ({
    tenant: row.id,
    timeZone: row.time_zone,
    eventsFrom: row.events_from?.getTime() ?? null,
  }));
}

/** One tenant's watermark, Unix milliseconds; null: every event is kept, or there is no such tenant. */
export async function watermarkOf(tx: Tx, tenant: string): Promise<number | null> {
  return (await readWatermarks(tx, tenant))[0]?.eventsFrom ?? null;
}
