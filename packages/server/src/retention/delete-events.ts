/** Deletes events below a watermark: a few rows at a time, in the write path's lock order. Rollups stay. */
import type { Database, Tx } from '../db/database.ts';
import { EARLIEST_EVENT_TIME } from '../db/schema/partitions.ts';

/** What one call deleted. */
export interface Deleted {
  /** Events that were found; fewer than a batch = there are no more. */
  readonly found: number;
  readonly events: number;
  /** How long rows were locked, milliseconds. */
  readonly lockedMs: number;
}

/** Events of one transaction: few enough that a caller who sends one of them again does not wait long. */
export const BATCH = 500;

interface Doomed {
  readonly ids: readonly string[];
  readonly times: readonly Date[];
}

/** Deletes up to {@link BATCH} of the tenant's events in `[from, before)`, with their ids and adjustments. */
export function deleteEvents(
  db: Database,
  tenant: string,
  { from, before }: { readonly from: Date | null; readonly before: Date },
): Promise<Deleted> {
  return db.asOperator(async (tx) => {
    const { rows } = await tx.query<{ id: string; event_time: Date }>(
      `select id, event_time from usage_events where tenant_id = $1 and event_time < $2 and event_time >= $3
        order by event_time, id limit ${BATCH}`,
      [tenant, before, from ?? new Date(EARLIEST_EVENT_TIME)],
    );
    if (rows.length === 0) return { found: 0, events: 0, lockedMs: 0 };
    const doomed = { ids: rows.map((row) => row.id), times: rows.map((row) => row.event_time) };
    const began = performance.now();
    await lockIds(tx, tenant, doomed.ids);
    const { rowCount } = await tx.query(
      `delete from usage_events e using unnest($2::text[], $3::timestamptz[]) as doomed(id, time)
        where e.tenant_id = $1 and e.event_time = doomed.time and e.id = doomed.id`,
      [tenant, doomed.ids, doomed.times],
    );
    await forgetIds(tx, tenant, doomed);
    return { found: rows.length, events: rowCount, lockedMs: performance.now() - began };
  });
}

/**
 * Deletes ids and adjustments of the tenant's events in `[from, to)`, up to {@link BATCH} from `after` on, and leaves the
 * events: their partition is about to be dropped. Answers where to go on, null at the end.
 */
export function deleteIds(
  db: Database,
  tenant: string,
  range: { readonly from: Date; readonly to: Date },
  after: { readonly time: Date; readonly id: string } | null,
): Promise<{ readonly time: Date; readonly id: string } | null> {
  return db.asOperator(async (tx) => {
    const { rows } = await tx.query<{ id: string; event_time: Date }>(
      `select id, event_time from usage_events
        where tenant_id = $1 and event_time >= $2 and event_time < $3 and (event_time, id) > ($4, $5)
        order by event_time, id limit ${BATCH}`,
      [
        tenant,
        after?.time ?? range.from,
        range.to,
        after?.time ?? new Date(range.from.getTime() - 1),
        after?.id ?? '',
      ],
    );
    const last = rows.at(-1);
    if (last === undefined) return null;
    const doomed = { ids: rows.map((row) => row.id), times: rows.map((row) => row.event_time) };
    await lockIds(tx, tenant, doomed.ids);
    await forgetIds(tx, tenant, doomed);
    return { time: last.event_time, id: last.id };
  });
}

/** Quarantined events that came in before the watermark. */
export async function deleteQuarantined(db: Database, tenant: string, before: Date): Promise<number> {
  const { rowCount } = await db.asOperator((tx) =>
    tx.query(
      `delete from quarantined_events where tenant_id = $1 and id in
         (select id from quarantined_events where tenant_id = $1 and at < $2 order by id limit ${BATCH})`,
      [tenant, before],
    ),
  );
  return rowCount;
}

async function lockIds(tx: Tx, tenant: string, ids: readonly string[]): Promise<void> {
  await tx.query(
    `select 1 from event_ids where tenant_id = $1 and id = any($2::text[])
      order by tenant_id collate "C", id collate "C" for update`,
    [tenant, ids],
  );
}

/** Keeps an id whose event has meanwhile been replaced by one at another time. */
async function forgetIds(tx: Tx, tenant: string, { ids, times }: Doomed): Promise<void> {
  await tx.query(
    `delete from event_ids i using unnest($2::text[], $3::timestamptz[]) as doomed(id, time)
      where i.tenant_id = $1 and i.id = doomed.id and i.event_time = doomed.time`,
    [tenant, ids, times],
  );
  await tx.query(
    `delete from cost_adjustments a using unnest($2::text[]) as doomed(id)
      where a.tenant_id = $1 and a.event_id = doomed.id
        and not exists (select from event_ids i where i.tenant_id = $1 and i.id = doomed.id)`,
    [tenant, ids],
  );
}
