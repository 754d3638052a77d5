/** Heavy reads of one tenant, files, and clients that leave: only the tenant that asks for much waits. */
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { asExport, askedBy } from '../../packages/server/src/db/asker.ts';
import { type ApiServer, record, recordLedgers, startApiServer, type Who } from '../api/api-server.ts';

let api: ApiServer;
/** A connection of the test's own, which holds what heavy reads wait for. */
let holding: pg.Client;
/** Another, which looks: inside a transaction what is going on is seen as it was at the first look. */
let watching: pg.Client;
beforeAll(async () => {
  api = await startApiServer();
  await recordLedgers(api);
  holding = new pg.Client({ connectionString: api.connectionString });
  await holding.connect();
  watching = new pg.Client({ connectionString: api.connectionString });
  await watching.connect();
  await holding.query('create table gate (); grant select on gate to farthing_reader, farthing_operator');
});
afterAll(async () => {
  await holding.end();
  await watching.end();
  await api.stop();
});

let held: Promise<unknown>[] = [];
afterEach(async () => {
  await holding.query('rollback');
  await Promise.allSettled(held);
  held = [];
});

interface Heavy {
  readonly tenant: string | null;
  readonly key: string;
  readonly count: number;
  readonly kind?: 'report' | 'export' | 'change';
}

/** Reads that take until the end of the test; answers the codes of those that are refused, as they come. */
async function startHeavy({ tenant, key, count, kind = 'report' }: Heavy): Promise<string[]> {
  await holding.query('begin; lock table gate in access exclusive mode');
  const { db } = api.server.context;
  const refused: string[] = [];
  const wait = 'select from gate';
  const read = () =>
    kind === 'change' ? db.asOperator((tx) => tx.query(wait)) : db.asReader(tenant, (tx) => tx.query(wait));
  for (let n = 0; n < count; n++) {
    const one = askedBy({ tenant, key, gone: new AbortController().signal }, () =>
      kind === 'export' ? asExport(read) : read(),
    );
    held.push(one.catch((error: { code: string }) => refused.push(error.code)));
  }
  await expect.poll(waitingForLocks).toBeGreaterThan(0);
  return refused;
}

async function waitingForLocks(): Promise<number> {
  const { rows } = await watching.query<{ n: number }>(
    "select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
  );
  return rows[0]?.n ?? 0;
}

const READS: readonly (readonly [Who, string])[] = [
  ['globex', '/api/cost/summary'],
  ['globex', '/api/usage/events'],
  ['admin', '/api/cost/summary'],
  ['globex', '/api/exports/events'],
];
async function expectReadsAnswered(): Promise<void> {
  for (const [who, url] of READS) {
    const { status } = await api.server.app
      .inject({ url, headers: { authorization: `Bearer ${api.keyOf(who)}` } })
      .then(({ statusCode }) => ({ status: statusCode }));
    expect(status, `${who} ${url}`).toBe(200);
  }
}

test('forty heavy reads of one key: everybody else is answered, and only that key is refused', async () => {
  const refused = await startHeavy({ tenant: 'acme', key: 'heavy', count: 40 });
  await expectReadsAnswered();
  // Two under way, 32 waiting.
  expect(refused).toEqual(Array(6).fill('rate_limited'));
  expect(await waitingForLocks()).toBe(2);
  const { running, waiting } = api.server.context.db.reads();
  expect({ running, waiting }).toEqual({ running: 2, waiting: 32 });
  const metrics = await api.server.app.inject({
    url: '/metrics',
    headers: { authorization: `Bearer ${api.keyOf('admin')}` },
  });
  expect(metrics.body).toContain('farthing_reads_running 2');
  expect(metrics.body).toContain('farthing_reads_waiting 32');
  expect(metrics.body).toContain('farthing_reads_refused_total{reason="busy"} 6');
});

test('forty heavy reads of an administrator leave the tenants their reads and the write path its connections', async () => {
  await startHeavy({ tenant: null, key: 'heavy', count: 40 });
  for (const [who, url] of READS.filter(([who]) => who !== 'admin'))
    expect(
      (await api.server.app.inject({ url, headers: { authorization: `Bearer ${api.keyOf(who)}` } }))
        .statusCode,
    ).toBe(200);
  await record(api, 'acme', [{ id: 'during-reads', time: '2026-11-22T12:00:00Z', input: 1, output: 1 }]);
});

test('forty slow changes of one caller leave the write path its connections', async () => {
  await startHeavy({ tenant: null, key: 'heavy', count: 40, kind: 'change' });
  await record(api, 'acme', [{ id: 'during-changes', time: '2026-11-22T12:00:00Z', input: 1, output: 1 }]);
  await expectReadsAnswered();
});

test('eight files that are being read leave the reports their connections', async () => {
  for (const tenant of ['acme', 'globex'])
    await startHeavy({ tenant, key: 'files', count: 4, kind: 'export' });
  for (const [who, url] of READS.filter(([, url]) => !url.includes('exports')))
    expect((await api.get(who, url)).status, `${who} ${url}`).toBe(200);
  expect(await waitingForLocks()).toBe(1);
});

test('what is read for a client that leaves is stopped in the database, and what waits for it is never begun', async () => {
  await api.get('acme', '/api/cost/summary');
  await holding.query('begin');
  // Every report looks at the tenants first.
  await holding.query('lock table tenants in access exclusive mode');
  const leaving = new AbortController();
  const asked = Array.from({ length: 6 }, () =>
    fetch(`${api.server.url}/api/cost/summary`, {
      headers: { authorization: `Bearer ${api.keyOf('acme')}` },
      signal: leaving.signal,
    }).catch((error: Error) => error.name),
  );
  await expect.poll(waitingForLocks).toBe(2);
  await expect.poll(() => api.server.context.db.reads().waiting).toBe(4);
  leaving.abort();
  expect(await Promise.all(asked)).toEqual(Array(6).fill('AbortError'));
  // The lock is still held: they end because they were cancelled.
  await expect.poll(waitingForLocks).toBe(0);
  await expect.poll(() => api.server.context.db.reads()).toMatchObject({ running: 0, waiting: 0 });
  await holding.query('rollback');
  expect((await api.get('acme', '/api/cost/summary')).status).toBe(200);
});
