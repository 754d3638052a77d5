/** Postgres away under load, for as long as asked for. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EmbeddedPostgres, openEmbedded } from '../../packages/server/src/db/embedded/open.ts';
import { audit, CLEAN } from './audit.ts';
import { type DataFolder, makeDataFolder } from './data-folder.ts';
import { Load } from './load.ts';
import { seededRandom } from './random.ts';
import { printFigures } from './report.ts';
import { ServerProcess } from './server-process.ts';

const silent = { info() {}, warn() {}, error() {} };

/** Declares the test and what it needs. */
export function testPostgresAway(awayMs: number): void {
  let databaseFolder: DataFolder;
  let serverFolder: DataFolder;
  let postgres: EmbeddedPostgres;
  let server: ServerProcess;
  beforeAll(async () => {
    [databaseFolder, serverFolder] = [await makeDataFolder(), await makeDataFolder()];
    postgres = await openEmbedded({ dataDir: databaseFolder.path, log: silent });
    server = await ServerProcess.create({
      dataDir: serverFolder.path,
      databaseUrl: postgres.connectionString,
    });
  });
  afterAll(async () => {
    await server.end('SIGTERM');
    await postgres.stop();
    await Promise.all([databaseFolder.remove(), serverFolder.remove()]);
  });

  test('events sent while Postgres is away are acknowledged, kept on disk, and all arrive when it is back', async () => {
    const random = seededRandom('Postgres away');
    await server.start();
    const load = new Load({ urls: [server.url], random, writers: 4, maxBatch: 20, pauseMs: 10 });
    await sleep(1_000);
    await postgres.stop();
    const before = load.acknowledged;
    await sleep(awayMs);
    const during = load.acknowledged - before;
    postgres = await openEmbedded({ dataDir: databaseFolder.path, log: silent });
    await sleep(1_000);
    await load.stop();
    const found = await audit(postgres.connectionString, load);
    printFigures('Postgres away', {
      away_ms: awayMs,
      acknowledged_meanwhile: during,
      queued: load.queued,
      ...found,
    });
    expect(load.refusals).toEqual([]);
    expect(load.queued).toBeGreaterThan(0);
    expect(found).toMatchObject(CLEAN);
    expect(found.acknowledged).toBe(load.sent.size);
  }, 180_000);
}
