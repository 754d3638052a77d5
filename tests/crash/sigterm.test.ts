import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { embeddedConnectionString } from '../../packages/server/src/index.ts';
import { audit, CLEAN } from './audit.ts';
import { type DataFolder, makeDataFolder } from './data-folder.ts';
import { Load } from './load.ts';
import { seededRandom } from './random.ts';
import { printFigures } from './report.ts';
import { ServerProcess } from './server-process.ts';

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
