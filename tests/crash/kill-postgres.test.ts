import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { embeddedConnectionString } from '../../packages/server/src/index.ts';
import { audit, CLEAN } from './audit.ts';
import { type DataFolder, killIfAlive, makeDataFolder } from './data-folder.ts';
import { Load } from './load.ts';
import { seededRandom } from './random.ts';
import { printFigures, restartFigures } from './report.ts';
import { ServerProcess } from './server-process.ts';

const KILLS = 25;

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

test('kill -9 of its Postgres at random moments under load loses, doubles and invents nothing', async () => {
  const random = seededRandom('kill -9 of Postgres');
  await server.start();
  const load = new Load({ urls: [server.url], random, writers: 3, maxBatch: 20, pauseMs: 20 });
  const restarts: number[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    // Every other kill waits until events go straight into the database again; the others hit recovery and replay.
    if (kill % 2 === 0) await commitsAgain(load);
    await sleep(random.integer(0, 600));
    const pid = await folder.postgresPid();
    if (pid === null || !killIfAlive(pid)) throw new Error('there is no Postgres to kill');
    restarts.push(await nextPostgres(pid));
  }
  await load.stop();
  const found = await audit((await embeddedConnectionString(folder.path)) ?? '', load);
  const figures = {
    faults: KILLS,
    ...found,
    committed: load.committed,
    queued: load.queued,
    repeats: load.repeats,
  };
  printFigures('kill -9 of Postgres', { ...figures, restarts: restartFigures(restarts) });
  expect(load.refusals).toEqual([]);
  expect(found).toMatchObject(CLEAN);
  expect(found.acknowledged).toBe(load.sent.size);
}, 240_000);

/** Waits until an event is answered from the database, not from the spool. */
async function commitsAgain(load: Load): Promise<void> {
  const before = load.committed;
  while (load.committed === before) await sleep(10);
}

/** Waits until the server has started another one that accepts connections; answers how long that took, in milliseconds. */
async function nextPostgres(killed: number): Promise<number> {
  const begun = performance.now();
  for (
    let pid = await folder.postgresPid();
    pid === null || pid === killed;
    pid = await folder.postgresPid()
  ) {
    await sleep(10);
  }
  return performance.now() - begun;
}
