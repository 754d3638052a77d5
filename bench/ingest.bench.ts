/**
 * Events over HTTP to durable, deduplicated, priced, rolled-up rows, against COPY of the same rows into clones of
 * the same indexed tables. The sides take turns; every figure is the median of the rounds. The server runs in a
 * process of its own with its usual log level.
 *
 *     npm run bench ingest [-- --batch=50]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { Pool } from 'undici';
import { loadConfig } from '../packages/server/src/config.ts';
import { openEmbedded } from '../packages/server/src/db/embedded/open.ts';
import { readEnv } from '../packages/server/src/env.ts';
import { startServer } from '../packages/server/src/main.ts';
import { bytesPerEvent, copyAll, copyPieces, createClones, emptyClones } from './ingest/copy.ts';
import { postgresCpu, processCpu } from './ingest/cpu.ts';
import { benchEvents, bodies } from './ingest/events.ts';
import { describeMachine } from './machine.ts';

const SELF = fileURLToPath(import.meta.url);
const ADMIN_KEY = 'the admin key of the benchmark, long enough';
/** `seconds`: after so long no further round begins; a busy machine gets fewer rounds, not a longer run. */
const SHAPES = [
  { batch: 1, connections: 32, events: 1_500, copies: 100, seconds: 15 },
  { batch: 50, connections: 8, events: 5_000, copies: 50, seconds: 15 },
  { batch: 5_000, connections: 4, events: 20_000, copies: 4, seconds: 45 },
] as const;
const MOST_ROUNDS = 5;

interface Round {
  readonly http: number;
  readonly copy: number;
  readonly serverUs: number;
  readonly postgresUs: number;
  readonly copyUs: number;
}

/** What both sides need. */
interface Sides {
  readonly pool: Pool;
  /** A tenant's key, so that events say which key wrote them. */
  readonly key: string;
  readonly client: pg.Client;
  readonly backend: number;
  readonly server: number;
}

async function measure(sides: Sides, shape: (typeof SHAPES)[number]): Promise<Round> {
  const { batch, events, copies } = shape;
  const since = new Date();
  const requests = bodies(benchEvents(events, Date.now()), batch);
  const server = processCpu(sides.server);
  const postgres = postgresCpu(sides.backend);
  const http = events / (await timed(() => sendAll(sides, requests, shape.connections)));
  const serverUs = (processCpu(sides.server) - server) / events;
  const postgresUs = (postgresCpu(sides.backend) - postgres) / events;

  const pieces = (await copyPieces(sides.client, since, batch)).slice(-copies);
  await emptyClones(sides.client);
  const before = processCpu(sides.backend);
  const rows = Math.min(events, pieces.length * batch);
  const copy = rows / (await timed(() => copyAll(sides.client, pieces)));
  return { http, copy, serverUs, postgresUs, copyUs: (processCpu(sides.backend) - before) / rows };
}

async function rounds(sides: Sides, shape: (typeof SHAPES)[number]): Promise<Round[]> {
  const until = performance.now() + shape.seconds * 1000;
  const measured: Round[] = [];
  do measured.push(await measure(sides, shape));
  while (measured.length < MOST_ROUNDS && performance.now() < until);
  return measured;
}

async function sendAll(
  { pool, key }: Pick<Sides, 'pool' | 'key'>,
  requests: readonly Buffer[],
  connections: number,
): Promise<void> {
  let next = 0;
  const connection = async () => {
    for (;;) {
      const body = requests[next];
      next += 1;
      if (body === undefined) return;
      const answer = await pool.request({
        path: '/api/usage/events',
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body,
      });
      const read = await answer.body.text();
      if (answer.statusCode !== 200 || read.includes('"error"')) throw new Error(read.slice(0, 400));
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
}

async function makeKey(pool: Pool): Promise<string> {
  const answer = await pool.request({
    path: '/api/admin/keys',
    method: 'POST',
    headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'benchmark', tenant: 'default' }),
  });
  const { data } = (await answer.body.json()) as { data: { key: string } };
  return data.key;
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function report(batch: number, measured: readonly Round[]) {
  const middle = (of: (round: Round) => number) => median(measured.map(of));
  return {
    batch,
    rounds: measured.length,
    'HTTP events/s': Math.round(middle((round) => round.http)),
    'COPY rows/s': Math.round(middle((round) => round.copy)),
    ratio: Number(middle((round) => round.http / round.copy).toFixed(2)),
    'server CPU µs/event': Math.round(middle((round) => round.serverUs)),
    'Postgres CPU µs/event': Math.round(middle((round) => round.postgresUs)),
    'COPY CPU µs/row': Math.round(middle((round) => round.copyUs)),
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { batch: { type: 'string' } } });
  const shapes = SHAPES.filter(({ batch }) => values.batch === undefined || batch === Number(values.batch));
  const folder = await mkdtemp(join(tmpdir(), 'farthing-bench-'));
  const log = { info: () => undefined, warn: () => undefined, error: console.error };
  const postgres = await openEmbedded({ dataDir: join(folder, 'db'), log, databaseCreator: true });
  const env = {
    DATABASE_URL: postgres.connectionString,
    FARTHING_DATA_DIR: join(folder, 'server'),
    FARTHING_ADMIN_KEY: ADMIN_KEY,
    PORT: '0',
  };
  const server = fork(SELF, ['serve'], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  try {
    const exited = once(server, 'exit').then(() => Promise.reject(new Error('The server did not start.')));
    const [port] = (await Promise.race([once(server, 'message'), exited])) as [number];
    const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 64, pipelining: 1 });
    const client = new pg.Client({ connectionString: postgres.connectionString });
    await client.connect();
    // It copies the ledger's rows as the role that owns the tables, which else sees them only after switching.
    await client.query('grant farthing_operator to current_user with inherit true');
    const { rows } = await client.query<{ version: string; pid: number }>(
      'select version(), pg_backend_pid() as pid',
    );
    console.log(`${describeMachine()}, ${rows[0]?.version.split(' on ')[0]}`);
    const key = await makeKey(pool);
    const sides: Sides = { pool, key, client, backend: rows[0]?.pid ?? 0, server: server.pid ?? 0 };
    await sendAll(sides, bodies(benchEvents(4_000, Date.now()), 100), 4);
    await createClones(client);
    const table = [];
    for (const shape of shapes) {
      table.push(report(shape.batch, await rounds(sides, shape)));
    }
    console.table(table);
    console.log('bytes per event on disk, indexes included:', await bytesPerEvent(client));
    await client.end();
    await pool.close();
  } finally {
    if (server.exitCode === null && server.kill('SIGTERM')) await once(server, 'exit');
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function serve(): Promise<void> {
  const server = await startServer(loadConfig(readEnv()));
  process.once('SIGTERM', () => void server.stop().then(() => process.exit(0)));
  process.send?.(server.port);
}

if (process.argv[2] === 'serve') await serve();
else await main();
