/** The time of day is set while the server works; nothing may be lost, and nothing that lasts may last otherwise. */
import { createServer } from 'node:http';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
  vi,
} from 'vitest';
import { createTenantZones } from '../../packages/server/src/record/commit/tenant-zone-store.ts';
import { createThrottle } from '../../packages/server/src/tenants/sign-in/throttle.ts';
import { FARTHING_KEY, startGatewayUnderTest } from '../gateway/gateway-under-test.ts';
import { testEvent } from '../ledger/events.ts';
import { brokenInvariants } from '../ledger/invariants.ts';
import { interruptible, removeFolder, testRecorder } from '../ledger/recorders.ts';
import { createTestDatabase } from '../postgres/test-database.ts';
import { startTestServer, type TestServer } from '../server/test-server.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** By how much the clock is set, from the true time; the small ones are what a time server does. */
const JUMPS = [HOUR, -HOUR, DAY, -DAY, 29 * DAY, -29 * DAY, 400, -400, 0];

/** Only the time of day is false: timers and the clock that goes forward stay as they are. */
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const begun = { wall: Date.now(), elapsed: performance.now() };
function setClock(jump: number): void {
  vi.setSystemTime(begun.wall + (performance.now() - begun.elapsed) + jump);
}

describe('a server whose clock is set', () => {
  let server: TestServer;
  let cookie: string;
  beforeAll(async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    server = await startTestServer({}, () => Date.now());
    const token = await server.server.context.sessions.createLink({ role: 'admin' }, 'test');
    const answer = await server.server.app.inject({ method: 'GET', url: `/login?token=${token}` });
    cookie = String(answer.headers['set-cookie']).split(';')[0] ?? '';
  });
  afterAll(() => server.stop());

  test('keeps every event it acknowledges, through API and journal, with sums that equal events', async () => {
    const { journal, recorder, db } = server.server.context;
    const ids: string[] = [];
    for (const jump of JUMPS) {
      const load = Array.from({ length: 20 }, async (_, at) => {
        if (at === 10) setClock(jump);
        const id = `clock-${jump}-${at}`;
        if (at % 4 === 3) await journal.keep(testEvent({ id, tenant: 'acme', time: Date.now() }));
        else {
          const body = {
            id,
            provider: 'openai',
            model: 'gpt-4o',
            usage: { prompt_tokens: 10, completion_tokens: 2 },
          };
          const answer = await server.send('POST', '/api/usage/events', { key: server.acmeKey, body });
          expect(answer.body.data.results).toMatchObject([{ status: 'accepted' }]);
        }
        ids.push(id);
      });
      await Promise.all(load);
    }
    await expect.poll(() => journal.events).toBe(0);
    await recorder.replayed();
    const { rows } = await db.asOperator((tx) =>
      tx.query<{ id: string; times: number }>(
        'select id, count(*)::int as times from usage_events where id = any($1) group by id',
        [ids],
      ),
    );
    expect(rows).toHaveLength(ids.length);
    expect(rows.filter(({ times }) => times !== 1)).toEqual([]);
    expect(await brokenInvariants(db)).toEqual([]);
  });

  test.each(JUMPS.filter((jump) => Math.abs(jump) >= HOUR))(
    'by %d ms still knows its keys and sessions and does its periodic work',
    async (jump) => {
      setClock(jump);
      expect((await server.send('GET', '/api/usage/events', { key: server.acmeKey })).status).toBe(200);
      expect((await server.send('GET', '/trpc/session.me', { key: null, headers: { cookie } })).status).toBe(
        200,
      );
      const { jobs } = server.server.context;
      for (const { name } of (await jobs.status()).jobs) {
        const told = async () => (await jobs.status()).jobs.find((job) => job.name === name);
        const before = (await told())?.runs ?? 0;
        expect(await jobs.trigger(name)).toBe(true);
        await expect.poll(async () => (await told())?.runs).toBe(before + 1);
        await expect.poll(async () => (await told())?.last?.outcome).toBe('done');
      }
    },
  );
});

test('an outage that the clock is set in loses nothing', async () => {
  const store = await createTestDatabase();
  onTestFinished(() => store.drop());
  const db = interruptible(store.database);
  const { recorder, spoolDirectory } = await testRecorder(db);
  const events = Array.from({ length: 2 * JUMPS.length }, () => testEvent());
  for (const [at, jump] of JUMPS.entries()) {
    db.away = true;
    await recorder.record(events.slice(2 * at, 2 * at + 1));
    setClock(jump);
    await recorder.record(events.slice(2 * at + 1, 2 * at + 2));
    db.away = false;
    await recorder.replayed();
  }
  const { rows } = await store.database.asOperator((tx) => tx.query('select id from usage_events'));
  expect(rows).toHaveLength(events.length);
  expect(await brokenInvariants(store.database)).toEqual([]);
  await recorder.drain();
  await removeFolder(spoolDirectory);
});

test.each([DAY, -DAY])(
  'a gateway call during which the clock is set by %d ms took as long as it took',
  async (jump) => {
    const provider = createServer((_request, response) => {
      setClock(jump);
      response.setHeader('content-type', 'application/json');
      const usage = { prompt_tokens: 5, completion_tokens: 1, total_tokens: 6 };
      setTimeout(
        () =>
          response.end(
            JSON.stringify({ id: 'c', object: 'chat.completion', model: 'gpt-4o', choices: [], usage }),
          ),
        30,
      );
    });
    await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
    const address = provider.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const gateway = await startGatewayUnderTest({ upstream: `http://127.0.0.1:${port}` });
    setClock(0);
    const answer = await fetch(`${gateway.url}/gateway/openai/v1/chat/completions`, {
      method: 'POST',
      headers: { 'x-farthing-key': FARTHING_KEY, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-4o', messages: [] }),
    });
    await answer.text();
    const { latencyMs } = await gateway.event();
    expect(latencyMs).toBeGreaterThanOrEqual(29);
    expect(latencyMs).toBeLessThan(HOUR);
    await gateway.close();
    provider.close();
  },
);

test('attempts to sign in are throttled for as long, whatever the clock says', () => {
  const throttle = createThrottle({});
  const counted = [{ name: 'ada', limit: { burst: 2, everyMs: 60_000 } }];
  throttle.take(counted);
  throttle.take(counted);
  const waitAt = (jump: number) => {
    setClock(jump);
    try {
      throttle.take(counted);
    } catch (error) {
      return error;
    }
    return null;
  };
  for (const jump of JUMPS) expect(waitAt(jump)).toMatchObject({ code: 'rate_limited' });
});

test('what is remembered of a tenant is asked for again after a minute, whatever the clock says', async () => {
  let asked = 0;
  let elapsed = 0;
  const zones = createTenantZones(() => elapsed);
  const tx = {
    async query<Row extends object>() {
      asked += 1;
      return { rows: [{ id: 'acme', time_zone: 'UTC', events_from: null }] as Row[], rowCount: 1 };
    },
  };
  await zones.of(tx, ['acme']);
  setClock(-DAY);
  elapsed += 61_000;
  await zones.of(tx, ['acme']);
  expect(asked).toBe(2);
});
