import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FakeProvider, startFakeProvider } from '../../packages/cli/src/demo/fake-provider/index.ts';
import { createDatabase, embeddedConnectionString } from '../../packages/server/src/index.ts';
import { type DataFolder, makeDataFolder } from '../crash/data-folder.ts';
import { seededRandom } from '../crash/random.ts';
import { printFigures, restartFigures } from '../crash/report.ts';
import { ServerProcess } from '../crash/server-process.ts';
import { GatewayLoad } from './load.ts';

const KILLS = 10;
const silent = { info() {}, warn() {}, error() {} };

let provider: FakeProvider;
let folder: DataFolder;
let server: ServerProcess;
beforeAll(async () => {
  provider = await startFakeProvider({
    live: true,
    keepRequests: 0,
    pacing: { firstTokenMs: 5, perChunkMs: 1 },
  });
  folder = await makeDataFolder();
  const env = { FARTHING_OPENAI_BASE_URL: provider.url, FARTHING_ANTHROPIC_BASE_URL: provider.url };
  server = await ServerProcess.create({ dataDir: folder.path, env });
});
afterAll(async () => {
  await server.end('SIGTERM');
  await provider.close();
  await folder.remove();
});

/** How many events stand under each of the provider's ids, once what waited on the spool has arrived. */
async function eventsByResponse(): Promise<Map<string, number>> {
  await expect
    .poll(() => eventsOnDisk(server.url), {
      timeout: 30_000,
      interval: 50,
    })
    .toBe(0);
  const connectionString = (await embeddedConnectionString(folder.path)) ?? '';
  const database = createDatabase({ connectionString, log: silent, max: 1 });
  try {
    const { rows } = await database.asOperator((tx) =>
      tx.query<{ id: string; count: number }>(
        'select response_id as id, count(*)::int as count from usage_events where response_id is not null group by 1',
      ),
    );
    return new Map(rows.map(({ id, count }) => [id, count]));
  } finally {
    await database.close();
  }
}

interface Readiness {
  readonly recorder: { readonly spooled_events: number; readonly journal_events: number };
}

/** Events that are durable and not in the ledger yet. */
async function eventsOnDisk(url: string): Promise<number> {
  const answer = (await (await fetch(`${url}/readyz`)).json()) as { data: Readiness };
  return answer.data.recorder.spooled_events + answer.data.recorder.journal_events;
}

test('kill -9 at random moments under gateway load: every answer received whole has its event, none has two', async () => {
  const random = seededRandom('kill -9 under gateway load');
  await server.start();
  const load = new GatewayLoad(server.url, 8);
  const restarts: number[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    await sleep(random.integer(50, 700));
    load.pause();
    await server.end('SIGKILL');
    restarts.push(await server.start());
    load.resume();
  }
  await sleep(300);
  await load.stop();
  const events = await eventsByResponse();
  const missing = [...load.whole].filter((id) => !events.has(id));
  const doubled = [...events].filter(([, count]) => count > 1);
  printFigures('kill -9 under gateway load', {
    kills: KILLS,
    whole: load.whole.size,
    brokenOff: load.brokenOff,
    events: events.size,
    missing: missing.length,
    doubled: doubled.length,
    restarts: restartFigures(restarts),
  });
  expect(missing).toEqual([]);
  expect(doubled).toEqual([]);
  expect(load.whole.size).toBeGreaterThan(KILLS);
  expect(load.whole).not.toContain('unknown');
}, 240_000);

test('SIGTERM with 200 open streams: none is cut, every one has its event, and the exit is clean', async () => {
  const slow = await startFakeProvider({
    live: true,
    keepRequests: 0,
    pacing: { firstTokenMs: 1_000, perChunkMs: 20 },
  });
  await server.end('SIGTERM');
  const env = { FARTHING_OPENAI_BASE_URL: slow.url, FARTHING_ANTHROPIC_BASE_URL: slow.url };
  server = await ServerProcess.create({ dataDir: folder.path, env });
  await server.start();
  const load = new GatewayLoad(server.url, 200);
  while (slow.total < 200) await sleep(10);
  const [code] = await Promise.all([server.end('SIGTERM'), load.stop()]);
  await server.start();
  const events = await eventsByResponse();
  await slow.close();
  printFigures('SIGTERM with open streams', { whole: load.whole.size, brokenOff: load.brokenOff, code });
  const missing = [...load.whole].filter((id) => !events.has(id));
  expect([code, load.whole.size, load.brokenOff, missing]).toEqual([0, 200, 0, []]);
}, 120_000);
