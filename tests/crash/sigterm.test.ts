import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { embeddedConnectionString } from '../../packages/server/src/index.ts';
import { startScriptedProvider } from '../provider/scripted-provider.ts';
import { audit, CLEAN } from './audit.ts';
import { type DataFolder, makeDataFolder } from './data-folder.ts';
import { Load } from './load.ts';
import { seededRandom } from './random.ts';
import { printFigures } from './report.ts';
import { ADMIN_KEY, ServerProcess } from './server-process.ts';

const STOPS = 5;

let folder: DataFolder;
let server: ServerProcess;
beforeAll(async () => {
  folder = await makeDataFolder();
  server = await ServerProcess.create({ dataDir: folder.path });
});
afterAll(async () => {
  await server.end('SIGTERM');
  await folder.remove();
});

test('SIGTERM under load exits 0 and leaves everything it acknowledged in the database', async () => {
  const random = seededRandom('SIGTERM');
  const loads: Load[] = [];
  const codes: (number | string | null)[] = [];
  for (let stop = 0; stop < STOPS; stop += 1) {
    await server.start();
    const load = new Load({
      urls: [server.url],
      random: { ...random, seed: random.seed + stop },
      writers: 4,
      maxBatch: 100,
    });
    loads.push(load);
    await sleep(random.integer(50, 800));
    codes.push(await server.end('SIGTERM'));
    await load.abandon();
  }
  expect(codes).toEqual(codes.map(() => 0));
  // The audit knows one ledger: all loads together.
  const [first] = loads;
  if (first === undefined) throw new Error('nothing was sent');
  for (const load of loads.slice(1)) for (const [id, event] of load.sent) first.sent.set(id, event);
  await server.start();
  const found = await audit((await embeddedConnectionString(folder.path)) ?? '', first);
  printFigures('SIGTERM', { stops: STOPS, codes, ...found });
  expect(loads.flatMap((load) => load.refusals)).toEqual([]);
  expect(found).toMatchObject(CLEAN);
  expect(found.acknowledged).toBeGreaterThan(0);
}, 120_000);

test('a second SIGTERM ends a server at once that still waits for its callers, and loses nothing acknowledged', async () => {
  const patient = await startScriptedProvider({ scenario: 'stall-mid-stream' });
  const own = await makeDataFolder();
  const busy = await ServerProcess.create({
    dataDir: own.path,
    env: { FARTHING_OPENAI_BASE_URL: patient.url, FARTHING_DRAIN_MS: '600000' },
  });
  try {
    await busy.start();
    const random = seededRandom('second SIGTERM');
    const load = new Load({ urls: [busy.url], random, writers: 4, maxBatch: 40, total: 2_000 });
    await load.finished();
    const open = fetch(`${busy.url}/gateway/openai/v1/chat/completions`, {
      method: 'POST',
      headers: { 'x-farthing-key': ADMIN_KEY, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-5-mini', messages: [], stream: true }),
    }).catch(() => null);
    await expect.poll(() => patient.total).toBe(1);
    const ended = busy.end('SIGTERM');
    await sleep(1_500); // Signals within a second are one wish.
    busy.signal('SIGTERM');
    expect(await ended).toBe(143);
    await open;
    await busy.start();
    const found = await audit((await embeddedConnectionString(own.path)) ?? '', load);
    expect(found).toMatchObject({ ...CLEAN, acknowledged: 2_000 });
  } finally {
    await busy.end('SIGTERM');
    await patient.close();
    await own.remove();
  }
}, 120_000);
