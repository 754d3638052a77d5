/**
 * The write path against raw COPY: recorder → durable, deduplicated, priced, rolled-up rows, and the same rows by
 * COPY into clones of the same indexed tables without row-level security, in the same run.
 *
 *     node bench/ingest-db.ts
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { book } from '@farthing/pricing/book';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { createDatabase } from '../packages/server/src/db/database.ts';
import { openEmbedded } from '../packages/server/src/db/embedded/open.ts';
import { migrate } from '../packages/server/src/db/migrate.ts';
import { EVENT_COLUMNS } from '../packages/server/src/ledger/event-row.ts';
import type { UsageEvent } from '../packages/server/src/ledger/usage-event.ts';
import { installedBook } from '../packages/server/src/price-book/installed-book.ts';
import { createRecorder, type Recorder } from '../packages/server/src/record/recorder.ts';
import { testEvent } from '../tests/ledger/events.ts';

export interface IngestMeasure {
  readonly batch: number;
  /** Calls kept outstanding. */
  readonly callers: number;
  /** Events per second, median of the rounds. */
  readonly recorded: number;
  /** Rows per second by COPY over one connection, and over two at once. */
  readonly copied: number;
  readonly copiedByTwo: number;
}

const COLUMNS = EVENT_COLUMNS.join(', ');
const SHAPES = [
  { batch: 1, callers: 64, events: 2_000 },
  { batch: 50, callers: 16, events: 10_000 },
  { batch: 5_000, callers: 3, events: 30_000 },
] as const;
const ROUNDS = 3;
/** One row per commit is slow by COPY: so many are enough to know the rate. */
const MOST_COPIES = 200;
const MODELS = ['gpt-4o', 'gpt-4o-mini', 'gpt-5', 'o3', 'text-embedding-3-small'];

/** Made-up calls of the last hours: 20 agents, 5 projects, 100 users, 5 models. */
export function benchEvents(count: number, until: number): UsageEvent[] {
  return Array.from({ length: count }, (_, index) =>
    testEvent({
      time: until - ((index * 7919) % 7_200_000),
      model: MODELS[index % MODELS.length] ?? 'gpt-4o',
      input: 200 + ((index * 31) % 9000),
      cached: (index * 17) % 4000,
      output: 20 + ((index * 13) % 900),
      attribution: {
        agent: `agent-${index % 20}`,
        project: `project-${index % 5}`,
        user: `user-${(index * 7) % 100}`,
        environment: 'production',
        requestId: `req-${index}`,
      },
    }),
  );
}

/** Measures every shape on a migrated database of its own. */
export async function measureIngest(connectionString: string): Promise<IngestMeasure[]> {
  const log = { info: () => undefined, warn: () => undefined, error: console.error };
  const db = createDatabase({ connectionString, log, statementTimeoutMs: 120_000 });
  const spoolDirectory = await mkdtemp(path.join(tmpdir(), 'farthing-bench-spool-'));
  const recorder = await createRecorder({
    db,
    books: installedBook(book),
    spoolDirectory,
    limits: { queueBytes: 512 * 1024 * 1024 },
    log: { recorded: () => undefined, failed: console.error, notice: console.error },
  });
  const raw = await Promise.all([connect(connectionString), connect(connectionString)]);
  try {
    await recorder.record(benchEvents(2_000, Date.now()));
    await createClones(raw[0]);
    const measures: IngestMeasure[] = [];
    for (const shape of SHAPES) measures.push(await measureShape(recorder, raw, shape));
    return measures;
  } finally {
    await recorder.drain();
    for (const client of raw) await client.end();
    await db.close();
    await rm(spoolDirectory, { recursive: true, force: true });
  }
}

async function measureShape(
  recorder: Recorder,
  raw: readonly [pg.Client, pg.Client],
  { batch, callers, events }: (typeof SHAPES)[number],
): Promise<IngestMeasure> {
  const recorded: number[] = [];
  const copied: number[] = [];
  const copiedByTwo: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const rows = benchEvents(events, Date.now());
    recorded.push(events / (await timed(() => recordAll(recorder, rows, batch, callers))));
    const pieces = (await copyPieces(raw[0], rows, batch)).slice(0, MOST_COPIES);
    const size = Math.min(events, pieces.length * batch);
    await raw[0].query('truncate raw.usage_events, raw.event_ids');
    copied.push(size / (await timed(() => copyAll([raw[0]], pieces))));
    await raw[0].query('truncate raw.usage_events, raw.event_ids');
    copiedByTwo.push(size / (await timed(() => copyAll(raw, pieces))));
  }
  return {
    batch,
    callers,
    recorded: median(recorded),
    copied: median(copied),
    copiedByTwo: median(copiedByTwo),
  };
}

async function recordAll(
  recorder: Recorder,
  events: UsageEvent[],
  batch: number,
  callers: number,
): Promise<void> {
  let next = 0;
  const caller = async () => {
    while (next < events.length) {
      const from = next;
      next += batch;
      const outcomes = await recorder.record(events.slice(from, from + batch));
      const bad = outcomes.find((outcome) => outcome.status !== 'accepted');
      if (bad !== undefined) throw new Error(`An event was not accepted: ${JSON.stringify(bad)}`);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
}

/** Indexed like the real tables, one partition likewise, empty of row-level security. */
async function createClones(client: pg.Client): Promise<void> {
  await client.query('create schema raw');
  await client.query('create table raw.event_ids (like public.event_ids including all)');
  await client.query(
    'create table raw.usage_events (like public.usage_events including all) partition by range (event_time)',
  );
  await client.query(
    `create table raw.usage_events_one partition of raw.usage_events for values from ('2020-01-01') to ('2100-01-01')`,
  );
}

interface CopyPiece {
  readonly ids: Buffer;
  readonly events: Buffer;
}

/** The rows that were just recorded, as COPY text, cut into batches. */
async function copyPieces(
  client: pg.Client,
  events: readonly UsageEvent[],
  batch: number,
): Promise<CopyPiece[]> {
  await client.query('create temp table if not exists wanted (id text primary key)');
  await client.query('truncate wanted');
  await client.query('insert into wanted select unnest($1::text[])', [events.map((event) => event.id)]);
  const lines = async (what: string) =>
    (await text(client.query(copyTo(`copy (${what}) to stdout`)))).trimEnd().split('\n');
  const ids = await lines(
    'select tenant_id, id, event_time, content_hash from event_ids join wanted using (id) order by id',
  );
  const rows = await lines(`select ${COLUMNS} from usage_events join wanted using (id) order by id`);
  const pieces: CopyPiece[] = [];
  for (let from = 0; from < ids.length; from += batch) {
    const piece = (all: string[]) => Buffer.from(`${all.slice(from, from + batch).join('\n')}\n`);
    pieces.push({ ids: piece(ids), events: piece(rows) });
  }
  return pieces;
}

async function copyAll(clients: readonly pg.Client[], pieces: readonly CopyPiece[]): Promise<void> {
  let next = 0;
  const worker = async (client: pg.Client) => {
    for (;;) {
      const piece = pieces[next];
      next += 1;
      if (piece === undefined) return;
      await client.query('begin');
      const copy = (target: string, data: Buffer) =>
        pipeline(Readable.from([data]), client.query(copyFrom(`copy ${target} from stdin`)));
      await copy('raw.event_ids (tenant_id, id, event_time, content_hash)', piece.ids);
      await copy(`raw.usage_events (${COLUMNS})`, piece.events);
      await client.query('commit');
    }
  };
  await Promise.all(clients.map(worker));
}

/** Bytes that one event takes on disk, indexes included, by table. */
export async function bytesPerEvent(client: pg.Client): Promise<{ readonly [table: string]: number }> {
  const { rows } = await client.query<{ name: string; bytes: string; events: string }>(
    `select name, bytes, (select count(*) from event_ids) as events from (
       select 'usage_events' as name, sum(pg_total_relation_size(inhrelid)) as bytes
         from pg_inherits where inhparent = 'public.usage_events'::regclass
       union all select t, pg_total_relation_size(t::regclass)
         from unnest(array['event_ids', 'rollups_15m', 'rollups_day']) t) sizes`,
  );
  return Object.fromEntries(
    rows.map((row) => [row.name, Math.round(Number(row.bytes) / Number(row.events))]),
  );
}

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return client;
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function main(): Promise<void> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'farthing-bench-'));
  const log = { info: () => undefined, warn: () => undefined, error: console.error };
  const postgres = await openEmbedded({ dataDir, log, databaseCreator: true });
  try {
    await migrate({ connectionString: postgres.connectionString });
    const client = await connect(postgres.connectionString);
    const { rows } = await client.query<{ version: string }>('select version()');
    console.log(
      `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
    );
    console.log(rows[0]?.version.split(' on ')[0]);
    const measures = await measureIngest(postgres.connectionString);
    console.table(
      measures.map(({ batch, callers, recorded, copied, copiedByTwo }) => ({
        batch,
        callers,
        'recorded events/s': Math.round(recorded),
        'COPY rows/s': Math.round(copied),
        ratio: Number((recorded / copied).toFixed(2)),
        'two COPYs rows/s': Math.round(copiedByTwo),
        'ratio to two': Number((recorded / copiedByTwo).toFixed(2)),
      })),
    );
    console.log('bytes per event on disk, indexes included', await bytesPerEvent(client));
    await client.end();
  } finally {
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
