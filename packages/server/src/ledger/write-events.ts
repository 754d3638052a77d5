/** `usage_events`: one row per event, the current cost with it. */
import { rowArray } from '../db/binary-rows.ts';
import type { Tx } from '../db/database.ts';
import { EVENT_ROW_COLUMNS } from './event-row.ts';

const COLUMNS = EVENT_ROW_COLUMNS.join(', ');

/**
 * Appends rows made by `createEventRows`. Their ids must have been claimed in the same transaction.
 *
 * One binary array of composite rows is the fastest way in that row-level security leaves open. PostgreSQL 18.4,
 * 5,000 rows, indexes and RLS as they are, one connection, 2 shared cores, JavaScript included:
 * COPY by the owner 18,500 rows/s; this 12,500; COPY into a temporary table and INSERT … SELECT 12,000 (one more
 * round trip, catalog work per connection); unnest of 41 text arrays 9,300; json_populate_recordset 7,300.
 */
export async function insertEvents(tx: Tx, rowType: number, rows: readonly Buffer[]): Promise<void> {
  await tx.query(
    {
      name: 'insert_events',
      text: `insert into usage_events (${COLUMNS}) select * from unnest($1::usage_event_row_3[])`,
    },
    [rowArray(rowType, rows)],
  );
}

/** Replaces one stored event (at `oldTime`) by another reading of the same call; `received_at` stays the first one. */
export async function replaceEvent(tx: Tx, rowType: number, oldTime: number, row: Buffer): Promise<void> {
  const { rowCount } = await tx.query(
    {
      name: 'replace_event',
      text: `update usage_events e set (${COLUMNS}) = (select r.*)
             from unnest($1::usage_event_row_3[]) r
             where e.tenant_id = r.tenant_id and e.id = r.id and e.event_time = $2`,
    },
    [rowArray(rowType, [row]), new Date(oldTime)],
  );
  if (rowCount !== 1) throw new Error(`Expected to replace one stored event, found ${rowCount}.`);
}
