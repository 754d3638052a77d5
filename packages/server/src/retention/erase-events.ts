/** One step of an erasure: some events lose the person, and the sums by the person's name lose the events. */
import type { Database, Tx } from '../db/database.ts';
import { withoutValue } from '../ledger/dimensions.ts';
import { FACT_COLUMNS, type FactRow, storedFacts } from '../ledger/writing/stored-facts.ts';
import { createApplySums, type SumChange } from '../record/apply-sums.ts';
import { ERASED_HASH } from '../record/commit/verdict.ts';
import { countErased, lockErasure, type OpenErasure } from './erasure-store.ts';
import { strippedTags, strippedUsage } from './strip.ts';

/** Events of one transaction. */
const BATCH = 200;

/** A day on which some event has the person's name as the value of a tag. */
export interface TaggedDay {
  readonly key: string;
  readonly from: Date;
  readonly to: Date;
}

/**
 * `more`: there may be further events. `none`: nothing is left to do. `busy`: the erasure is over, or another process
 * runs it.
 */
export type StepState = 'more' | 'none' | 'busy';

export interface EraseEvents {
  /** The person's own events. */
  own(id: string): Promise<StepState>;
  /** Events of others that name the person in a tag. */
  tagged(id: string, day: TaggedDay): Promise<StepState>;
}

interface Row extends FactRow {
  readonly id: string;
  readonly event_time: Date;
  readonly raw_usage: Parameters<typeof strippedUsage>[0];
}

interface Key {
  readonly id: string;
}

export function createEraseEvents(db: Database): EraseEvents {
  const applySums = createApplySums();

  /** In the order of the write path: ids, events, sums. */
  async function erase(tx: Tx, erasure: OpenErasure, keys: readonly Key[], own: boolean): Promise<void> {
    const began = performance.now();
    const { user } = erasure;
    // An event superseded between being found and being locked may now belong to another person.
    const rows = (await lockedEvents(tx, erasure, keys)).filter((row) =>
      own ? row.user_id === user : Object.values(row.tags ?? {}).includes(user),
    );
    if (rows.length === 0) return;
    const stripped = rows.map((row) => ({
      row,
      tags: strippedTags(row.tags, { user, thorough: own && erasure.thorough }),
    }));
    if (own) await writeOwn(tx, erasure, stripped);
    else await writeTags(tx, erasure, stripped);
    await tx.query(
      `update event_ids set content_hash = decode($3, 'hex') where tenant_id = $1 and id = any($2::text[])`,
      [erasure.tenant, rows.map((row) => row.id), ERASED_HASH],
    );
    const changes = stripped.map(({ row, tags }): SumChange => {
      const before = storedFacts(row);
      const values = own ? withoutValue(before.values, 'user') : before.values;
      return { id: row.id, before, after: { ...before, tags: tags ?? {}, values } };
    });
    await applySums(tx, changes, 'erased');
    await countErased(
      tx,
      erasure.id,
      own ? 'events' : 'tagged_events',
      rows.length,
      performance.now() - began,
    );
  }

  const step = (id: string, own: boolean, find: (tx: Tx, erasure: OpenErasure) => Promise<readonly Key[]>) =>
    db.asOperator(async (tx): Promise<StepState> => {
      const erasure = await lockErasure(tx, id);
      if (erasure === null) return 'busy';
      const keys = await find(tx, erasure);
      if (keys.length === 0) return 'none';
      await erase(tx, erasure, keys, own);
      return 'more';
    });

  return {
    own: (id) => step(id, true, findOwn),
    tagged: (id, day) => step(id, false, (tx, erasure) => findTagged(tx, erasure, day)),
  };
}

async function findOwn(tx: Tx, { tenant, user, before }: OpenErasure): Promise<readonly Key[]> {
  const { rows } = await tx.query<Key>(
    `select id from usage_events where tenant_id = $1 and user_id = $2 and event_time < $3
      order by event_time desc, id desc limit ${BATCH}`,
    [tenant, user, before],
  );
  return rows;
}

async function findTagged(
  tx: Tx,
  { tenant, user, before }: OpenErasure,
  day: TaggedDay,
): Promise<readonly Key[]> {
  const { rows } = await tx.query<Key>(
    `select id from usage_events where tenant_id = $1 and event_time >= $2 and event_time < least($3::timestamptz, $4::timestamptz)
        and tags ->> $5 = $6 order by event_time, id limit ${BATCH}`,
    [tenant, day.from, day.to, before, day.key, user],
  );
  return rows;
}

async function lockedEvents(tx: Tx, { tenant }: OpenErasure, keys: readonly Key[]): Promise<readonly Row[]> {
  const ids = keys.map((key) => key.id);
  await tx.query(
    `select 1 from event_ids where tenant_id = $1 and id = any($2::text[])
      order by tenant_id collate "C", id collate "C" for update`,
    [tenant, ids],
  );
  const { rows } = await tx.query<Row>(
    `select ${FACT_COLUMNS}, e.id, e.event_time, raw_usage_of(e) as raw_usage
       from event_ids i join usage_events e on e.tenant_id = i.tenant_id and e.event_time = i.event_time and e.id = i.id
      where i.tenant_id = $1 and i.id = any($2::text[])`,
    [tenant, ids],
  );
  return rows;
}

interface Stripped {
  readonly row: Row;
  readonly tags: Row['tags'];
}

async function writeOwn(tx: Tx, erasure: OpenErasure, events: readonly Stripped[]): Promise<void> {
  await tx.query(
    `update usage_events e set user_id = null, session = null, request_id = null, trace_id = null, span_id = null,
            response_id = null, metadata = null, task = case when $6 then null else e.task end, tags = c.tags,
            raw_usage = c.raw_usage
       from unnest($2::text[], $3::timestamptz[], $4::jsonb[], $5::jsonb[]) as c(id, time, tags, raw_usage)
      where e.tenant_id = $1 and e.event_time = c.time and e.id = c.id`,
    [
      erasure.tenant,
      events.map(({ row }) => row.id),
      events.map(({ row }) => row.event_time),
      events.map(({ tags }) => json(tags)),
      events.map(({ row }) => json(strippedUsage(row.raw_usage, erasure.user))),
      erasure.thorough,
    ],
  );
}

async function writeTags(tx: Tx, erasure: OpenErasure, events: readonly Stripped[]): Promise<void> {
  await tx.query(
    `update usage_events e set tags = c.tags
       from unnest($2::text[], $3::timestamptz[], $4::jsonb[]) as c(id, time, tags)
      where e.tenant_id = $1 and e.event_time = c.time and e.id = c.id`,
    [
      erasure.tenant,
      events.map(({ row }) => row.id),
      events.map(({ row }) => row.event_time),
      events.map(({ tags }) => json(tags)),
    ],
  );
}

const json = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));
