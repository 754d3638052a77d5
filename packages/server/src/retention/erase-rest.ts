/** Where a person stands beside the events: in sums by their name, in quarantine, as the actor of an adjustment. */
import type { Database, Tx } from '../db/database.ts';
import { createLocalDay } from '../rollups/calendar.ts';
import { startOfLocalDay } from './cutoff.ts';
import type { TaggedDay } from './erase-events.ts';
import { countErased, lockErasure, type OpenErasure } from './erasure-store.ts';
import { strippedQuarantined } from './strip.ts';

const BATCH = 2_000;
const DAY_MS = 86_400_000;

/** Days on which events carry the person's name as the value of a tag: the rollups know. Watermarks bound them. */
export async function taggedDays(db: Database, id: string): Promise<readonly TaggedDay[]> {
  const localDay = createLocalDay();
  return db.asOperator(async (tx) => {
    const erasure = await lockErasure(tx, id);
    if (erasure === null) return [];
    const { rows } = await tx.query<{ dimension: string; bucket: string; time_zone: string }>(
      `select distinct r.dimension, r.bucket, t.time_zone
         from rollups_day r join tenants t on t.id = r.tenant_id
        where r.tenant_id = $1 and r.dimension like 'tag.%' and r.value = $2 and r.requests > 0
          and r.bucket <= ($3::timestamptz at time zone t.time_zone)::date
          and r.bucket >= coalesce((t.events_from at time zone t.time_zone)::date, '-infinity')
        order by r.dimension, r.bucket`,
      [erasure.tenant, erasure.user, erasure.before],
    );
    return rows.map(({ dimension, bucket, time_zone: zone }) => {
      const day = Date.parse(`${bucket}T00:00:00Z`) / DAY_MS;
      return {
        key: dimension.slice('tag.'.length),
        from: new Date(startOfLocalDay(day, zone, localDay)),
        to: new Date(startOfLocalDay(day + 1, zone, localDay)),
      };
    });
  });
}

/** Deletes some rows of sums by the person's name; false when none is left. */
export function eraseRollups(db: Database, id: string): Promise<boolean> {
  return db.asOperator(async (tx) => {
    const erasure = await lockErasure(tx, id);
    if (erasure === null) return false;
    const began = performance.now();
    const quarters = await deleteRows(tx, erasure, 'rollups_15m', 't.events_from');
    const days = await deleteRows(
      tx,
      erasure,
      'rollups_day',
      '(t.events_from at time zone t.time_zone)::date',
    );
    await countErased(tx, id, 'rollup_rows', quarters + days, performance.now() - began);
    return quarters === BATCH || days === BATCH;
  });
}

/**
 * Above the watermark the events have left these rows, which are all zero; below it their sums move to "none", which is
 * never stored. Rows of events that came after the erasure stay.
 */
async function deleteRows(
  tx: Tx,
  { tenant, user }: OpenErasure,
  table: 'rollups_15m' | 'rollups_day',
  watermark: string,
): Promise<number> {
  const { rowCount } = await tx.query(
    `delete from ${table} where tenant_id = $1 and ctid = any(array(
       select r.ctid from ${table} r join tenants t on t.id = r.tenant_id
        where r.tenant_id = $1
          and ((r.dimension = 'user' and r.value = $2) or r.dimension like 'tag.%')
          and (r.requests = 0 or (r.bucket < ${watermark} and (r.value = $2
               or (length($2) >= 6 and position($2 in r.dimension || ' ' || r.value) > 0))))
        limit ${BATCH} for update of r))`,
    [tenant, user],
  );
  return rowCount;
}

/** Quarantined events lose the person too. They are few; their hash would still tell who it was. */
export function eraseQuarantined(db: Database, id: string): Promise<void> {
  return db.asOperator(async (tx) => {
    const erasure = await lockErasure(tx, id);
    if (erasure === null) return;
    const began = performance.now();
    // The name as JSON prints it; what else holds these letters is looked at and left alone.
    const needle = JSON.stringify(erasure.user).slice(1, -1);
    const { rows } = await tx.query<{ id: string; event: string; reason: string }>(
      `select id::text, event::text as event, reason from quarantined_events
        where tenant_id = $1 and position($2 in event::text) > 0 order by id`,
      [erasure.tenant, needle],
    );
    let erased = 0;
    for (const row of rows) {
      const event = strippedQuarantined(row.event, erasure);
      if (event === null) continue;
      erased += 1;
      await tx.query(
        `update quarantined_events set event = $3, reason = $4, content_hash = sha256(uuid_send(gen_random_uuid()))
          where tenant_id = $1 and id = $2`,
        [erasure.tenant, row.id, event, row.reason.replaceAll(erasure.user, '[erased]')],
      );
    }
    await countErased(tx, id, 'quarantined', erased, performance.now() - began);
  });
}

/** Where the person changed a cost, they are "erased" now. */
export function eraseActors(db: Database, id: string): Promise<void> {
  return db.asOperator(async (tx) => {
    const erasure = await lockErasure(tx, id);
    if (erasure === null) return;
    const began = performance.now();
    const { rowCount } = await tx.query(
      `update cost_adjustments set actor = 'erased' where tenant_id = $1 and actor in ($2, 'user:' || $2)`,
      [erasure.tenant, erasure.user],
    );
    await countErased(tx, id, 'adjustments', rowCount, performance.now() - began);
  });
}
