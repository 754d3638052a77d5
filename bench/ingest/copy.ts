/** The other side of the ratio: the rows the server has just written, by COPY into clones of the same tables. */
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { EVENT_COLUMNS } from '../../packages/server/src/ledger/event-row.ts';

const EVENTS = EVENT_COLUMNS.join(', ');
const IDS = 'tenant_id, id, event_time, content_hash';
const TABLES = ['event_ids', 'usage_events', 'rollups_15m', 'rollups_day'] as const;

/** COPY text per table; what one transaction takes. */
export type CopyPiece = { readonly [Table in (typeof TABLES)[number]]?: Buffer };

/** Clones with the same columns and indexes, one partition likewise, without row-level security. */
export async function createClones(client: pg.Client): Promise<void> {
  await client.query('create schema raw');
  for (const table of TABLES) {
    const partitioned = table === 'usage_events' ? 'partition by range (event_time)' : '';
    await client.query(`create table raw.${table} (like public.${table} including all) ${partitioned}`);
  }
  await client.query(
    `create table raw.usage_events_all partition of raw.usage_events for values from ('2020-01-01') to ('2100-01-01')`,
  );
}

/**
 * The rows of the events received since `since`, as pieces of `batch` events each. Sums are no rows of single events: a
 * round's rollup rows come with its last piece.
 */
export async function copyPieces(client: pg.Client, since: Date, batch: number): Promise<CopyPiece[]> {
  const lines = async (what: string) =>
    (await text(client.query(copyTo(`copy (${what}) to stdout`)))).trimEnd().split('\n');
  const newest = `(select * from public.usage_events where received_at >= '${since.toISOString()}') e`;
  const events = await lines(`select ${EVENTS} from ${newest} order by tenant_id, id`);
  const ids = await lines(
    `select ${IDS} from public.event_ids join (select tenant_id, id from ${newest}) n using (tenant_id, id)
      order by tenant_id, id`,
  );
  const rollups = async (table: string) =>
    Buffer.from(`${(await lines(`select * from public.${table}`)).join('\n')}\n`);
  const pieces: CopyPiece[] = [];
  for (let from = 0; from < ids.length; from += batch) {
    const cut = (all: readonly string[]) => Buffer.from(`${all.slice(from, from + batch).join('\n')}\n`);
    const last = from + batch >= ids.length;
    const sums = last
      ? { rollups_15m: await rollups('rollups_15m'), rollups_day: await rollups('rollups_day') }
      : {};
    pieces.push({ event_ids: cut(ids), usage_events: cut(events), ...sums });
  }
  return pieces;
}

/** Empties the clones and copies every piece in a transaction of its own. */
export async function copyAll(client: pg.Client, pieces: readonly CopyPiece[]): Promise<void> {
  for (const piece of pieces) {
    await client.query('begin');
    for (const table of TABLES) {
      const data = piece[table];
      if (data === undefined) continue;
      const columns = {
        event_ids: `(${IDS})`,
        usage_events: `(${EVENTS})`,
        rollups_15m: '',
        rollups_day: '',
      };
      const copy = client.query(copyFrom(`copy raw.${table} ${columns[table]} from stdin`));
      await pipeline(Readable.from([data]), copy);
    }
    await client.query('commit');
  }
}

export async function emptyClones(client: pg.Client): Promise<void> {
  await client.query(`truncate ${TABLES.map((table) => `raw.${table}`).join(', ')}`);
}

/** Bytes that one event takes on disk, indexes included, by table. */
export async function bytesPerEvent(client: pg.Client): Promise<{ readonly [table: string]: number }> {
  const { rows } = await client.query<{ name: string; bytes: string; events: string }>(
    `select name, bytes, (select count(*) from public.event_ids) as events from (
       select 'usage_events' as name, sum(pg_total_relation_size(inhrelid)) as bytes
         from pg_inherits where inhparent = 'public.usage_events'::regclass
       union all select t, pg_total_relation_size(('public.' || t)::regclass)
         from unnest(array['event_ids', 'rollups_15m', 'rollups_day']) t) sizes`,
  );
  return Object.fromEntries(
    rows.map((row) => [row.name, Math.round(Number(row.bytes) / Number(row.events))]),
  );
}
