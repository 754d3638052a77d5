/**
 * What a reporting login can see and do, tried with real logins: one of a tenant, one of every tenant. The database is
 * filled from the catalogue, so that a new table is tried by itself.
 */
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  createReportingLogin,
  removeReportingLogin,
} from '../../packages/server/src/tenants/reporting-logins/reporting-login-store.ts';
import { createFilledDatabase, type FilledDatabase } from './filled-database.ts';
import { ATTEMPTS, type Attempt, type Wanted } from './reporting-attempts.ts';

const suffix = Math.random().toString(36).slice(2, 8);
const LOGINS = { 'of a tenant': `acme_${suffix}`, 'of every tenant': `all_${suffix}` } as const;
type Kind = keyof typeof LOGINS;
const KINDS = Object.keys(LOGINS) as Kind[];
/** Is in every row of globex. */
const CANARY = 'canary-of-globex';
/** Tables whose columns under the views a login reads; all others are closed to it. */
const READABLE = [
  'agent_defaults',
  'agents',
  'alerts',
  'reporting_logins',
  'rollups_day',
  'tenants',
  'usage_events',
];

let db: FilledDatabase;
const clients = new Map<Kind, pg.Client>();
const heard: string[] = [];

beforeAll(async () => {
  db = await createFilledDatabase();
  await db.database.asOperator((tx) =>
    tx.query(
      `update usage_events set user_id = $1, agent = $1, tags = jsonb_build_object('k', $1::text),
              metadata = jsonb_build_object('k', $1::text), raw_usage = '{}' where tenant_id = 'globex'`,
      [CANARY],
    ),
  );
  await db.database.asOwner((tx) => tx.query('analyze'));
  for (const kind of KINDS) {
    const tenantId = kind === 'of a tenant' ? 'acme' : null;
    const password = await createReportingLogin(db.database, { login: LOGINS[kind], tenantId }, 'test');
    clients.set(kind, await connect(LOGINS[kind], password));
  }
});
afterAll(async () => {
  for (const client of clients.values()) await client.end();
  for (const login of Object.values(LOGINS)) await removeReportingLogin(db.database, login, 'test');
  await db.drop();
});

async function connect(login: string, password: string): Promise<pg.Client> {
  const url = new URL(db.connectionString);
  url.username = login;
  url.password = password;
  const client = new pg.Client({ connectionString: url.href });
  client.on('error', () => undefined);
  client.on('notification', ({ channel, payload }) => heard.push(`${channel}: ${payload}`));
  await client.connect();
  // It lifts what it can lift, first of all.
  await client.query('set default_transaction_read_only = off; set statement_timeout = 0');
  return client;
}

function clientOf(kind: Kind): pg.Client {
  const client = clients.get(kind);
  if (client === undefined) throw new Error('no client');
  return client;
}

interface Outcome {
  readonly state: 'refused' | 'ran' | 'failed';
  /** All that came back, rows or error, as text. */
  readonly said: string;
  readonly rows: number;
}

/** PostgreSQL's ways to say no: no right, no such object, not in this state, not implemented for it. */
const REFUSALS = [
  '42501',
  '42P01',
  '42704',
  '0LP01',
  '55000',
  '58P01',
  '0A000',
  '42710',
  '3F000',
  '28000',
  '42883',
];

/** Tries it in a transaction of its own where that is possible, and leaves the session as it was. */
async function attempt(kind: Kind, sql: string, bare = false): Promise<Outcome> {
  const client = clientOf(kind);
  try {
    if (!bare) await client.query('begin');
    const answer: pg.QueryResult | readonly pg.QueryResult[] = await client.query(sql);
    const results = [answer].flat();
    const rows = results.flatMap((result) => result.rows);
    return { state: 'ran', said: JSON.stringify(rows), rows: rows.length };
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    const said = JSON.stringify({ ...error, message: error.message });
    return { state: REFUSALS.includes(error.code ?? '') ? 'refused' : 'failed', said, rows: 0 };
  } finally {
    if (!bare) await client.query('rollback');
    await client.query('reset role; reset farthing.tenant; reset search_path; set row_security = on');
  }
}

/** These refuse to run inside a transaction block, which would hide whether the right is missing. */
const BARE = /^(create database|alter system|checkpoint)/;

async function tried(kind: Kind, { sql }: Attempt): Promise<Outcome> {
  const { rows } = await db.database.asOwner((tx) =>
    tx.query<{ oid: string }>(`select 'usage_events_y2026m11'::regclass::oid::text as oid`),
  );
  return attempt(
    kind,
    sql.replaceAll('%me', LOGINS[kind]).replaceAll('%oid', rows[0]?.oid ?? ''),
    BARE.test(sql),
  );
}

const leaks = (said: string): boolean => said.includes(CANARY) || said.includes('"globex"');

test('at least 60 attempts are made, of every kind', () => {
  expect(ATTEMPTS.length).toBeGreaterThan(60);
  expect(new Set(ATTEMPTS.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(8);
});

test('of every table and view of the catalogue a login of a tenant sees that tenant or nothing', async () => {
  const names = [...db.relations.map(({ name }) => name), 'usage_events_y2026m11'];
  for (const name of names) {
    const { said, state } = await attempt('of a tenant', `select * from ${name}`);
    expect([name, leaks(said)]).toEqual([name, false]);
    if (!READABLE.includes(name) && !name.startsWith('reporting.'))
      expect([name, state]).toEqual([name, 'refused']);
  }
});

test('a login of every tenant sees all tenants in the views, and of the tables the columns under them alone', async () => {
  const { said } = await attempt('of every tenant', 'select * from reporting.llm_usage_events');
  expect(said).toContain(CANARY);
  expect(said).toContain('acme');
  for (const { name } of db.relations) {
    if (READABLE.includes(name) || name.startsWith('reporting.')) continue;
    expect([name, (await attempt('of every tenant', `select * from ${name}`)).state]).toEqual([
      name,
      'refused',
    ]);
  }
});

test.each(KINDS)('what a login %s tries is refused, shows its own, or touches nobody', async (kind) => {
  // A statement of the server runs meanwhile, with a value in its text.
  const working = db.database.asOwner((tx) => tx.query(`select pg_sleep(1.5), '${CANARY}' as working`));
  const table = new Map<string, { tried: number; refused: number; leaked: number }>();
  const wrong: { sql: string; wanted: Wanted; outcome: Outcome }[] = [];
  for (const one of ATTEMPTS) {
    const outcome = await tried(kind, one);
    const leaked = kind === 'of a tenant' && leaks(outcome.said);
    const row = table.get(one.kind) ?? { tried: 0, refused: 0, leaked: 0 };
    row.tried += 1;
    if (outcome.state === 'refused') row.refused += 1;
    if (leaked) row.leaked += 1;
    table.set(one.kind, row);
    // A probe that fails on a row shows that it was let to that row: right only where all rows are its own.
    const ran = outcome.state === 'ran' || (kind === 'of every tenant' && outcome.state === 'failed');
    const right = one.wanted === 'refused' ? outcome.state === 'refused' : ran;
    if (!right || leaked) wrong.push({ sql: one.sql, wanted: one.wanted, outcome });
  }
  await working;
  console.log(
    [
      `A login ${kind}:`,
      ...[...table].map(([name, row]) => `  ${name.padEnd(24)} ${JSON.stringify(row)}`),
    ].join('\n'),
  );
  expect(wrong).toEqual([]);
});

test('nothing of what was tried was heard by anybody, or left behind', async () => {
  // It listens to all that it can name; what it forged itself is all it hears.
  expect(heard.filter((text) => leaks(text) && !text.includes('FORGED'))).toEqual([]);
  const { rows } = await db.database.asOwner((tx) =>
    tx.query(
      `select (select count(*)::int from pg_largeobject_metadata) as objects,
              (select count(*)::int from pg_class where relname = 'mine') as relations,
              (select count(*)::int from pg_locks where locktype = 'advisory' and database = (select oid from pg_database
                where datname = current_database())) as locks,
              (select count(*)::int from pg_roles where rolname = 'mine') as roles`,
    ),
  );
  expect(rows).toEqual([{ objects: 0, relations: 0, locks: 0, roles: 0 }]);
});

test('the connecting role itself sees no row without switching, and the sessions of a login are bounded in number', async () => {
  for (const { name, tenantColumn, kind } of db.relations) {
    if (kind === 'view' || tenantColumn === null) continue;
    const { rows } = await db.database.asOwner((tx) => tx.query(`select 1 from ${name} limit 1`));
    expect([name, rows.length]).toEqual([name, 0]);
  }
  const login = `many_${suffix}`;
  const password = await createReportingLogin(db.database, { login, tenantId: 'acme' }, 'test');
  const open = await Promise.allSettled(Array.from({ length: 12 }, () => connect(login, password)));
  const connected = open.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  expect(connected).toHaveLength(10);
  // It may reset its own defaults, and not this one.
  const { rows: databases } = await db.database.asOwner((tx) =>
    tx.query('select current_database() as name'),
  );
  await connected.pop()?.query(`alter role ${login} in database ${databases[0]?.['name']} reset all`);
  const again = connected.shift();
  await again?.end();
  const reconnected = await connect(login, password);
  connected.push(reconnected);
  const { rows } = await reconnected.query('show temp_file_limit');
  expect(rows).toEqual([{ temp_file_limit: '1GB' }]);
  // Removing it ends them.
  const ended = Promise.all(connected.map((client) => new Promise((resolve) => client.once('end', resolve))));
  expect(await removeReportingLogin(db.database, login, 'test')).toBe(true);
  await ended;
});
