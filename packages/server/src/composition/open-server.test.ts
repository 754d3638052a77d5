/** A start that fails leaves nothing behind, whichever part failed. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/postgres/test-database.ts';
import { loadConfig } from '../config.ts';
import { takeDataDirLock } from '../db/embedded/lock.ts';
import { pickEnv } from '../env.ts';
import { createLog } from '../log.ts';
import { startServer } from '../main.ts';
import { openServer } from './open-server.ts';
import { type Opening, openTogether } from './opening.ts';

let db: TestDatabase;
let dataDir: string;
let timers: ReturnType<typeof countTimers>;
/** By the database's clock. */
let startedAt: string;
const log = createLog({ level: 'silent', stream: { write: () => undefined } });

beforeEach(async () => {
  db = await createTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'farthing-composition-'));
  timers = countTimers();
  const { rows } = await db.database.asOwner((tx) =>
    tx.query<{ now: string }>('select clock_timestamp()::text as now'),
  );
  startedAt = rows[0]?.now ?? '';
});
afterEach(async () => {
  timers.restore();
  await db.drop();
  await rm(dataDir, { recursive: true, force: true });
});

/** Intervals that were begun and not ended since. */
function countTimers() {
  const running = new Set<unknown>();
  const begin = globalThis.setInterval;
  const end = globalThis.clearInterval;
  const spies = [
    vi.spyOn(globalThis, 'setInterval').mockImplementation(((...given: Parameters<typeof begin>) => {
      const timer = begin(...given);
      running.add(timer);
      return timer;
    }) as typeof begin),
    vi.spyOn(globalThis, 'clearInterval').mockImplementation(((timer: NodeJS.Timeout) => {
      running.delete(timer);
      end(timer);
    }) as typeof end),
  ];
  return {
    running,
    restore: () => {
      for (const spy of spies) spy.mockRestore();
    },
  };
}

const settings = (more: Record<string, string> = {}) =>
  loadConfig(
    pickEnv({
      PORT: '0',
      HOST: '127.0.0.1',
      DATABASE_URL: db.connectionString,
      FARTHING_DATA_DIR: dataDir,
      ...more,
    }),
  );

/** Connections of servers, not of the test itself. */
async function openConnections(): Promise<number> {
  const { rows } = await db.database.asOwner((tx) =>
    tx.query<{ open: number }>(
      `select count(*)::int as open from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and application_name like 'farthing%'
          and backend_start > $1`,
      [startedAt],
    ),
  );
  return rows[0]?.open ?? 0;
}

/** No timer runs, no connection of a server is open, and the folder is free. */
async function expectNothingLeft(): Promise<void> {
  expect([...timers.running]).toEqual([]);
  await expect.poll(openConnections).toBe(0);
  const lock = await takeDataDirLock(dataDir);
  await lock.release();
}

/** Starts a server whose part number `at` fails to open; answers the names that were opened and closed. */
async function failingAt(at: number) {
  const opened: string[] = [];
  const closed: string[] = [];
  const failures: string[] = [];
  const config = settings();
  const starting = openTogether(
    (opening) => {
      const watched: Opening = {
        get closing() {
          return opening.closing;
        },
        part: (name, open, close) =>
          opening.part(
            name,
            async () => {
              if (opened.length === at) throw new Error(`${name} fails`);
              const part = await open();
              opened.push(name);
              return part;
            },
            async (part) => {
              closed.push(name);
              await close(part);
            },
          ),
      };
      return openServer(watched, { config, log, now: Date.now, dashboardFolder: dataDir });
    },
    { onFailure: (part) => failures.push(part), onClosed: () => undefined },
  );
  const error = await starting.then(
    async ({ close }) => {
      expect(timers.running.size).toBeGreaterThan(5);
      expect(await openConnections()).toBeGreaterThan(0);
      await close();
      return null;
    },
    (reason: unknown) => reason,
  );
  return { opened, closed, failures, error };
}

test('whichever part fails to open, all before it are closed in reverse and nothing is left', async () => {
  const whole = await failingAt(Number.POSITIVE_INFINITY);
  expect(whole.error).toBeNull();
  expect(whole.opened.length).toBeGreaterThan(15);
  expect(whole.closed).toEqual([...whole.opened].reverse());
  await expectNothingLeft();
  for (let at = 0; at < whole.opened.length; at += 1) {
    const { opened, closed, failures, error } = await failingAt(at);
    expect(error).toEqual(new Error(`${whole.opened[at]} fails`));
    expect(opened).toEqual(whole.opened.slice(0, at));
    expect(closed).toEqual([...opened].reverse());
    expect(failures).toEqual([]);
    expect([...timers.running]).toEqual([]);
  }
  await expectNothingLeft();
}, 120_000);

/**
 * A port that is taken by another process after the check that it is free. The test takes it when the clock is read,
 * which happens in between.
 */
async function takenMeanwhile() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  probe.close();
  await once(probe, 'close');
  let taker: Server | null = null;
  return {
    port,
    now: () => {
      taker ??= createServer().listen(port, '127.0.0.1');
      return Date.now();
    },
    free: () => taker?.close(),
  };
}

test('a start that fails with its last step leaves no connection, timer or lock', async () => {
  const { port, now, free } = await takenMeanwhile();
  await expect(startServer(settings({ PORT: String(port) }), { log, now })).rejects.toThrow(/is taken/);
  free();
  await expectNothingLeft();
});

test('nor its embedded PostgreSQL', async () => {
  const { port, now, free } = await takenMeanwhile();
  const env = { PORT: String(port), HOST: '127.0.0.1', FARTHING_DATA_DIR: dataDir };
  await expect(startServer(loadConfig(pickEnv(env)), { log, now })).rejects.toThrow(/is taken/);
  free();
  expect([...timers.running]).toEqual([]);
  expect(existsSync(join(dataDir, 'postgres', 'PG_VERSION'))).toBe(true);
  expect(existsSync(join(dataDir, 'postgres', 'postmaster.pid'))).toBe(false);
  const lock = await takeDataDirLock(dataDir);
  await lock.release();
}, 60_000);
