/**
 * The server's work goes on, no matter what a reporting login holds. On a database where nothing was taken from the public, as on
 * a PostgreSQL of one's own: the login takes every lock that PostgreSQL lets it take, and keeps it.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createDatabase, type Database } from '../../packages/server/src/db/database.ts';
import { migrate, readMigrations } from '../../packages/server/src/db/schema/migrate.ts';
import { startJobs } from '../../packages/server/src/jobs/jobs.ts';
import { oneAtATime } from '../../packages/server/src/price-book/version-store.ts';
import { runRetention } from '../../packages/server/src/retention/run-retention.ts';
import { rebuildRollups } from '../../packages/server/src/rollups/rebuild.ts';
import { setTenantZone } from '../../packages/server/src/rollups/write-tenant-zone.ts';
import { boundReportingLogins } from '../../packages/server/src/tenants/reporting-logins/reporting-bounds-store.ts';
import {
  createReportingLogin,
  removeReportingLogin,
} from '../../packages/server/src/tenants/reporting-logins/reporting-login-store.ts';
import {
  type ReportingWatch,
  watchReportingLogins,
} from '../../packages/server/src/tenants/reporting-logins/reporting-watch.ts';
import { createTenantStore } from '../../packages/server/src/tenants/store.ts';
import { testEvent } from '../ledger/events.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/test-database.ts';
import { history, makeTenants, NOW, record } from '../retention/ledger.ts';

const silent = { info() {}, warn() {}, error() {} };
const login = `holder_${Math.random().toString(36).slice(2, 8)}`;

let store: TestDatabase;
let db: Database;
let url: string;
const holders: pg.Client[] = [];
const closers: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  store = await createTestDatabase({ empty: true });
  await migrate({ connectionString: store.connectionString });
  // A statement that a lock holds up for longer than this fails the test by itself.
  db = createDatabase({ connectionString: store.connectionString, log: silent, statementTimeoutMs: 15_000 });
  await makeTenants(db, { acme: 'UTC' });
  await record(db, history('acme', 40, 200));
  const password = await createReportingLogin(db, { login, tenantId: 'acme' }, 'test');
  const given = new URL(store.connectionString);
  given.username = login;
  given.password = password;
  url = given.href;
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  for (const client of holders.splice(0)) await client.end();
});
afterAll(async () => {
  await removeReportingLogin(db, login, 'test');
  await db.close();
  await store.drop();
});

async function session(): Promise<{ readonly client: pg.Client; readonly ended: () => boolean }> {
  const client = new pg.Client({ connectionString: url });
  let ended = false;
  client.on('error', () => undefined);
  client.on('end', () => {
    ended = true;
  });
  await client.connect();
  await client.query('set default_transaction_read_only = off; set statement_timeout = 0');
  await client.query('set idle_in_transaction_session_timeout = 0');
  holders.push(client);
  return { client, ended: () => ended };
}

/** Every number that was ever a lock of ours, and the ones that are hashed from names. */
const ADVISORY = [
  '4715228402',
  '4715228403',
  '4715228411',
  "hashtext('farthing admin key')",
  "4715228, hashtext('acme')",
  "471522, hashtext('retention')",
  "471522, hashtext('partitions')",
  "471522, hashtext('told')",
];

/** Reads all that it may and stays in the transaction, with every advisory lock. */
async function holdEverything(): Promise<{ readonly ended: () => boolean }> {
  const { client, ended } = await session();
  for (const key of ADVISORY) await client.query(`select pg_advisory_lock(${key})`);
  await client.query('begin');
  const { rows } = await client.query<{ name: string }>(
    `select quote_ident(schemaname) || '.' || quote_ident(viewname) as name from pg_views where schemaname = 'reporting'`,
  );
  for (const { name } of rows) await client.query(`select count(*) from ${name}`);
  for (const table of ['rollups_day', 'alerts', 'agent_defaults', 'reporting_logins'])
    await client.query(`lock table ${table} in access share mode`);
  const { rows: locks } = await client.query<{ kinds: string[] }>(
    'select array_agg(distinct locktype order by locktype) as kinds from pg_locks where pid = pg_backend_pid()',
  );
  expect(locks[0]?.kinds).toEqual(expect.arrayContaining(['advisory', 'relation']));
  return { ended };
}

test('events are recorded, also the first of a month', async () => {
  const { ended } = await holdEverything();
  const outcomes = await record(db, [
    testEvent({ tenant: 'acme', id: 'now', time: NOW }),
    testEvent({ tenant: 'acme', id: 'a month that has no partition', time: Date.UTC(2021, 4, 5) }),
  ]);
  expect(outcomes).toEqual(['accepted', 'accepted']);
  expect(ended()).toBe(false);
});

test('a start goes on: nothing to migrate, the admin key, the bounds of logins, a new login', async () => {
  const { ended } = await holdEverything();
  expect((await migrate({ connectionString: store.connectionString })).applied).toEqual([]);
  await createTenantStore(db).ensureAdminKey(null);
  await createTenantStore(db).ensureAdminKey('an admin key that is given, long enough');
  await boundReportingLogins(db);
  const other = `other_${login}`;
  await createReportingLogin(db, { login: other, tenantId: null }, 'test');
  expect(await removeReportingLogin(db, other, 'test')).toBe(true);
  expect(ended()).toBe(false);
});

test('prices change, rollups are compared and rebuilt, a tenant changes its zone', async () => {
  const { ended } = await holdEverything();
  await db.asOperator(oneAtATime);
  const options = { tenant: 'acme', from: null, to: null, watermarkOf: async () => null };
  expect(await rebuildRollups(db, { ...options, check: true })).toMatchObject({ different: 0 });
  await rebuildRollups(db, { ...options, check: false });
  await setTenantZone(db, 'acme', 'Asia/Kathmandu');
  expect(ended()).toBe(false);
});

test('jobs run', async () => {
  const { ended } = await holdEverything();
  let ran = 0;
  const jobs = startJobs({
    db,
    connectionString: store.connectionString,
    jobs: [
      {
        name: 'told',
        about: 'A job of a test.',
        schedule: '0 0 1 1 *',
        atStart: true,
        deadlineMs: 60_000,
        run: async () => ({ ran: ++ran }),
      },
    ],
    log: silent,
    enabled: true,
    delayMs: 0,
  });
  closers.push(() => jobs.stop());
  const last = async () => (await jobs.status()).jobs[0]?.last?.outcome;
  await expect.poll(last, { timeout: 15_000 }).toBe('done');
  expect(ran).toBe(1);
  expect(ended()).toBe(false);
});

test('a migration that needs the tables to itself ends the session in its way, and goes through', async () => {
  const { ended } = await holdEverything();
  const all = await readMigrations();
  const next = {
    version: all.length + 1,
    name: '9998_needs_the_table',
    checksum: 'x',
    sql: 'alter table usage_events add column of_a_test text; alter table usage_events drop column of_a_test',
  };
  const { applied } = await migrate({ connectionString: store.connectionString, migrations: [...all, next] });
  expect(applied).toEqual([next.name]);
  await expect.poll(ended).toBe(true);
  await db.asOwner((tx) => tx.query('delete from schema_migrations where version > $1', [all.length]));
});

test('a migration in whose way somebody else is says who', async () => {
  const all = await readMigrations();
  const next = { version: all.length + 1, name: '9998_needs', checksum: 'x', sql: 'lock table alerts' };
  const other = new pg.Client({
    connectionString: store.connectionString,
    application_name: 'a long report',
  });
  await other.connect();
  holders.push(other);
  await other.query('begin; lock table alerts in access share mode');
  await expect(
    migrate({ connectionString: store.connectionString, migrations: [...all, next], lockAttempts: 1 }),
  ).rejects.toThrow(
    /9998_needs failed and was rolled back: .*In the way may be: farthing \(a long report, process \d+\)/,
  );
});

test('months past their retention go, though somebody reads without end', async () => {
  let reading = true;
  // Two sessions whose transactions overlap: there is never a moment without one.
  const readers = [0, 1].map(async (turn) => {
    while (reading) {
      const { client, ended } = await session();
      await client.query('begin; select count(*) from llm_usage').catch(() => undefined);
      // A broken client refuses at once, before the event loop can say that it has ended: this loop must let it.
      while (reading && !ended())
        await client.query(`select pg_sleep(${0.05 + turn / 20})`).catch(() => sleep(1));
    }
  });
  await expect.poll(() => holders.length).toBeGreaterThanOrEqual(2);
  const options = { db, instanceDays: 60, now: () => NOW, graceMs: 0 };
  const signal = new AbortController().signal;
  let dropped: string[] = [];
  await expect
    .poll(
      async () => {
        await runRetention(options, signal);
        const { rows } = await db.asOperator((tx) =>
          tx.query<{ name: string }>(
            `select relname::text as name from pg_class where relname ~ '^usage_events_y' and relkind = 'r' order by 1`,
          ),
        );
        dropped = rows.map(({ name }) => name);
        return dropped.includes('usage_events_y2021m05');
      },
      { timeout: 20_000 },
    )
    .toBe(false);
  reading = false;
  await Promise.all(readers);
  expect(dropped).toContain('usage_events_y2026m11');
});

test('a session past its limits is ended, whatever it sets: running, idle in a transaction, idle', async () => {
  const sleeping = await session();
  const idleInside = await session();
  const idle = await session();
  const working = await session();
  await idleInside.client.query('begin; select count(*) from llm_usage');
  const slept = sleeping.client.query('select pg_sleep(600)').catch((error: Error) => error.message);
  const ended: string[] = [];
  const watch: ReportingWatch = watchReportingLogins({
    db,
    log: { ...silent, warn: (details) => ended.push(JSON.stringify(details)) },
    limits: { transactionMs: 500, idleMs: 1_500 },
    everyMs: 50,
  });
  closers.push(() => watch.close());
  // One that asks and goes on is left alone.
  for (let n = 0; n < 200 && !(sleeping.ended() && idleInside.ended() && idle.ended()); n++)
    await working.client.query('select count(*), pg_sleep(0.05) from llm_usage');
  expect([sleeping.ended(), idleInside.ended(), idle.ended(), working.ended()]).toEqual([
    true,
    true,
    true,
    false,
  ]);
  expect(await slept).toMatch(/terminating connection/);
  expect(ended.length).toBe(3);
  expect(ended[0]).toContain(login);
});

test('a session that keeps the room for notices from being freed is ended', async () => {
  const keeper = await session();
  await keeper.client.query('listen mine');
  await keeper.client.query('begin; select 1');
  const sender = await session();
  const text = 'x'.repeat(7_000);
  for (let n = 0; n < 200; n++) await sender.client.query(`notify mine, '${text}${n}'`);
  const { rows } = await db.asOwner((tx) =>
    tx.query<{ used: number }>('select pg_notification_queue_usage() as used'),
  );
  expect(rows[0]?.used).toBeGreaterThan(0);
  const watch = watchReportingLogins({ db, log: silent, limits: { noticeQueue: 0.0001 }, everyMs: 50 });
  closers.push(() => watch.close());
  await expect.poll(keeper.ended).toBe(true);
});
