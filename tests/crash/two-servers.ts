/** Two servers on one database, with as many events as asked for. */
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
export function testTwoServers(events: number): void {
  let folders: DataFolder[];
  let postgres: EmbeddedPostgres;
  let servers: ServerProcess[];
  beforeAll(async () => {
    folders = await Promise.all([makeDataFolder(), makeDataFolder(), makeDataFolder()]);
    const [databaseDir = '', ...dataDirs] = folders.map((folder) => folder.path);
    postgres = await openEmbedded({ dataDir: databaseDir, log: silent });
    const databaseUrl = postgres.connectionString;
    servers = await Promise.all(dataDirs.map((dataDir) => ServerProcess.create({ dataDir, databaseUrl })));
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.end('SIGTERM')));
    await postgres.stop();
    await Promise.all(folders.map((folder) => folder.remove()));
  });

  test('two servers on one database neither deadlock nor lose a rollup', async () => {
    const random = seededRandom('two servers');
    await Promise.all(servers.map((server) => server.start()));
    const urls = servers.map((server) => server.url);
    const begun = performance.now();
    const load = new Load({ urls, random, writers: 8, maxBatch: 400, total: events });
    await load.finished();
    const seconds = (performance.now() - begun) / 1_000;
    const found = await audit(postgres.connectionString, load);
    const deadlocks = servers.filter((server) => /deadlock|40P01/.test(server.said)).length;
    printFigures('two servers', {
      ...found,
      repeats: load.repeats,
      deadlocks,
      events_per_s: Math.round(events / seconds),
    });
    expect(load.refusals).toEqual([]);
    expect(deadlocks).toBe(0);
    expect(found).toMatchObject({ ...CLEAN, acknowledged: events });
  }, 600_000);
}
