/** The other side of the ratio: the rows the server has just written, by COPY into clones of the same tables. */
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { EVENT_ROW_COLUMNS } from '../../packages/server/src/ledger/writing/event-row.ts';

const IDS = 'tenant_id, id, event_time, content_hash';
/** Columns that are kept for the sake of sums alone. */
const FOR_SUMS = new Set<string>(['cache_read_cost', 'cache_write_cost', 'reasoning_cost']);
const EVENTS = EVENT_ROW_COLUMNS.filter((column) => !FOR_SUMS.has(column)).join(', ');
const ROLLUP_KEY = 'tenant_id, dimension, bucket, value, provider, model, operation';
const ROLLUPS = `${ROLLUP_KEY}, requests, errors, unpriced_requests, input_tokens, output_tokens, cache_read_tokens,
  cache_write_tokens, reasoning_tokens, input_cost, output_cost, other_cost, total_cost`;

const TABLES = ['event_ids', 'usage_events', 'rollups_15m', 'rollups_day'] as const;
type Table = (typeof TABLES)[number];

/**
 * What `COPY` writes: the least that a ledger with sums could be. Columns and indexes that were added for more sums and
 * for filters are left out, for each of them would make the ratio look better.
 */
const CLONES: { readonly [T in Table]: { readonly columns: string; readonly key: string } } = {
  event_ids: { columns: IDS, key: 'tenant_id, id' },
  usage_events: { columns: EVENTS, key: 'tenant_id, event_time, id' },
  rollups_15m: { columns: ROLLUPS, key: ROLLUP_KEY },
  rollups_day: { columns: ROLLUPS, key: ROLLUP_KEY },
};
/** Dimensions whose sums `COPY` writes too. */
const COPIED = "dimension in ('all', 'agent', 'project', 'user')";

/** COPY text per table; what one transaction takes. */
export type CopyPiece = { readonly [T in Table]?: Buffer };

/** Clones of the tables, the events in one partition, without row-level security. */
export async function createClones(client: pg.Client): Promise<void> {
  await client.query('create schema raw');
  for (const table of TABLES) {
    const partitioned = table === 'usage_events' ? 'partition by range (event_time)' : '';
    const { columns, key } = CLONES[table];
    await client.query(
      `create table raw.${table} (like public.${table} including defaults including identity) ${partitioned}`,
    );
    await dropOthers(client, table, columns);
    await client.query(`alter table raw.${table} add primary key (${key})`);
  }
  await client.query('create index on raw.usage_events (tenant_id, event_time) where total_cost is null');
  await client.query(
    `create table raw.usage_events_all partition of raw.usage_events for values from ('2020-01-01') to ('2100-01-01')`,
  );
}

async function dropOthers(client: pg.Client, table: Table, columns: string): Promise<void> {
  const kept = new Set(columns.split(/,\s*/));
  // The database's own clock writes it.
  if (table === 'usage_events') kept.add('received_at');
  const { rows } = await client.query<{ name: string }>(
    `select attname as name from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped`,
    [`raw.${table}`],
  );
  const others = rows.filter(({ name }) => !kept.has(name)).map(({ name }) => `drop column ${name}`);
  if (others.length > 0) await client.query(`alter table raw.${table} ${others.join(', ')}`);
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
  const rollups = async (table: Table) =>
    Buffer.from(`${(await lines(`select ${ROLLUPS} from public.${table} where ${COPIED}`)).join('\n')}\n`);
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
      const copy = client.query(copyFrom(`copy raw.${table} (${CLONES[table].columns}) from stdin`));
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
