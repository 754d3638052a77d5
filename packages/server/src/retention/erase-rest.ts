/** Erases a person outside the events: in sums by their name, in quarantine, as the actor of an adjustment. */

import { epochDay } from '../clock/days.ts';
import { midnight } from '../clock/zone-clock.ts';
import type { Database, Tx } from '../db/database.ts';
import { holdRepairs } from '../rollups/repair-lock-store.ts';
import type { StepState, TaggedDay } from './erase-events.ts';
import { countErased, lockErasure, type OpenErasure } from './erasure-store.ts';
import { SHORTEST_INSIDE, strippedQuarantined } from './strip.ts';

const BATCH = 2_000;
/** Days of one name that are erased together, with their quarter hours. */
const PAST_DAYS = 100;

/** Days on which events carry the person's name as the value of a tag: the rollups know. Watermarks bound them. */
export async function taggedDays(db: Database, erasure: OpenErasure): Promise<readonly TaggedDay[]> {
  return db.asOperator(async (tx) => {
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
      const day = epochDay(bucket);
      return {
        key: dimension.slice('tag.'.length),
        from: new Date(midnight(day, zone)),
        to: new Date(midnight(day + 1, zone)),
      };
    });
  });
}

/** Rows of sums (`r`) by a tag, their totals over all models among them. */
const OF_TAG = "(r.dimension like 'tag.%' or r.dimension like 'total.tag.%')";

/** SQL condition for rows of sums (`r`) about the person ($2): by value, or by a tag with the name. */
const NAMED = `((r.dimension = 'user' and r.value = $2)
  or (${OF_TAG} and (r.value = $2
      or (length($2) >= ${SHORTEST_INSIDE} and position($2 in r.dimension || ' ' || r.value) > 0))))`;

/**
 * Deletes some rows of sums by the person's name. Above the watermark their events have left
 * them; below it they go with their days, and what they summed moves to "none", which is never stored.
 */
export function eraseRollups(db: Database, id: string): Promise<StepState> {
  return db.asOperator(async (tx) => {
    const erasure = await lockErasure(tx, id);
    if (erasure === null) return 'busy';
    const began = performance.now();
    await holdRepairs(tx, erasure.tenant);
    const empty = [
      await deleteEmpty(tx, erasure, 'rollups_15m'),
      await deleteEmpty(tx, erasure, 'rollups_day'),
    ];
    const past = await deletePast(tx, erasure);
    const rows = past.rows + empty.reduce((sum, count) => sum + count, 0);
    await countErased(tx, id, 'rollup_rows', rows, performance.now() - began);
    return past.days > 0 || empty.includes(BATCH) ? 'more' : 'none';
  });
}

/** Rows of zeros, of any tag: its value may have been the person's. Rows of later events stay. */
async function deleteEmpty(
  tx: Tx,
  { tenant, user }: OpenErasure,
  table: 'rollups_15m' | 'rollups_day',
): Promise<number> {
  const { rowCount } = await tx.query(
    `delete from ${table} where tenant_id = $1 and ctid = any(array(
       select r.ctid from ${table} r where r.tenant_id = $1 and r.requests = 0
          and ((r.dimension = 'user' and r.value = $2) or ${OF_TAG})
        limit ${BATCH} for update))`,
    [tenant, user],
  );
  return rowCount;
}

/** Days below the watermark together with their quarter hours, so that both always sum to the same. */
async function deletePast(
  tx: Tx,
  { tenant, user }: OpenErasure,
): Promise<{ readonly days: number; readonly rows: number }> {
  const { rows } = await tx.query<{ days: number; rows: number }>(
    `with mark as materialized (
       select time_zone, (events_from at time zone time_zone)::date as day from tenants where id = $1),
     past as materialized (
       select distinct r.dimension, r.value, r.bucket from rollups_day r, mark
        where r.tenant_id = $1 and r.bucket < mark.day and ${NAMED} limit ${PAST_DAYS}),
     days as (
       delete from rollups_day r using past p
        where r.tenant_id = $1 and r.dimension = p.dimension and r.value = p.value and r.bucket = p.bucket
       returning 1),
     quarters as (
       delete from rollups_15m r using past p, mark
        where r.tenant_id = $1 and r.dimension = p.dimension and r.value = p.value
          and r.bucket >= p.bucket::timestamptz - interval '2 days' and r.bucket < p.bucket::timestamptz + interval '3 days'
          and (r.bucket at time zone mark.time_zone)::date = p.bucket
       returning 1)
     select (select count(*)::int from past) as days,
            (select count(*)::int from days) + (select count(*)::int from quarters) as rows`,
    [tenant, user],
  );
  return rows[0] ?? { days: 0, rows: 0 };
}

/** Quarantined events lose the person too. They are few; their hash would still tell who it was. */
export function eraseQuarantined(db: Database, id: string): Promise<StepState> {
  return db.asOperator(async (tx) => {
    const erasure = await lockErasure(tx, id);
    if (erasure === null) return 'busy';
    const began = performance.now();
    // The name as JSON prints it. Other rows that contain these letters are read but not changed.
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
    return 'none';
  });
}

/** Replaces the person by "erased" in adjustments that they made. */
export function eraseActors(db: Database, id: string): Promise<StepState> {
  return db.asOperator(async (tx) => {
    const erasure = await lockErasure(tx, id);
    if (erasure === null) return 'busy';
    const began = performance.now();
    const { rowCount } = await tx.query(
      `update cost_adjustments set actor = 'erased' where tenant_id = $1 and actor in ($2, 'user:' || $2)`,
      [erasure.tenant, erasure.user],
    );
    await countErased(tx, id, 'adjustments', rowCount, performance.now() - began);
    return 'none';
  });
}
