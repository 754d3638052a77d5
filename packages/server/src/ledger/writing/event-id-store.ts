/** `event_ids`: the one place where an id is unique. Written first, in sorted order, so that writers queue up instead of deadlocking. */
import { RowWriter } from '../../db/binary-rows.ts';
import type { Tx } from '../../db/database.ts';
import { rowArray } from '../../db/row-array.ts';
import type { UsageEvent } from '../usage-event.ts';
import { ROW_TYPES } from './row-types.ts';

/**
 * Bytes kept of a content hash: enough to distinguish contents under one id. A change goes unseen once in 2^56. A sender
 * that wants a collision finds one, and only keeps its own event as it was. With seven bytes a row whose id is a UUID ends on
 * a multiple of eight; an eighth byte would take eight.
 */
export const KEPT_HASH_BYTES = 7;

/** Tenant and id as one map key. Neither can hold the zero character between them: Postgres refuses it. */
export function eventKey(event: { readonly tenant: string; readonly id: string }): string {
  return `${event.tenant}\0${event.id}`;
}

/**
 * Claims the ids that are new and returns their keys. `events` must be sorted by {@link eventKey} and hold no key
 * twice. Waits for another transaction that is just claiming one of them.
 */
export async function claimIds(
  tx: Tx,
  rowType: number,
  events: readonly UsageEvent[],
): Promise<ReadonlySet<string>> {
  const { rows } = await tx.query<{ tenant_id: string; id: string }>(
    {
      name: 'claim_ids',
      text: `insert into event_ids (tenant_id, id, event_time, content_hash)
             select tenant_id, id, event_time, content_hash from unnest($1::${ROW_TYPES.eventId}[])
             on conflict do nothing returning tenant_id, id`,
    },
    [idRows(rowType, events)],
  );
  return new Set(rows.map((row) => `${row.tenant_id}\0${row.id}`));
}

/** Points ids at the content that superseded the first one. */
export async function moveIds(tx: Tx, rowType: number, events: readonly UsageEvent[]): Promise<void> {
  await tx.query(
    {
      name: 'move_ids',
      text: `update event_ids ids set event_time = r.event_time, content_hash = r.content_hash
             from unnest($1::${ROW_TYPES.eventId}[]) r where ids.tenant_id = r.tenant_id and ids.id = r.id`,
    },
    [idRows(rowType, events)],
  );
}

function idRows(rowType: number, events: readonly UsageEvent[]): Buffer {
  const writer = new RowWriter(events.length * 144 + 64);
  const rows = events.map((event) => {
    writer.begin(4);
    writer.text(event.tenant);
    writer.text(event.id);
    writer.timestamptz(event.time);
    writer.bytea(Buffer.from(event.contentHash, 'hex').subarray(0, KEPT_HASH_BYTES));
    return writer.end();
  });
  return rowArray(rowType, rows);
}
