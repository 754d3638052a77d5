/** A server under load that is killed again and again, and what its ledger holds afterwards. */
import { setTimeout as sleep } from 'node:timers/promises';
import { embeddedConnectionString } from '../../packages/server/src/index.ts';
import { type Audit, audit } from './audit.ts';
import { makeDataFolder } from './data-folder.ts';
import { Load } from './load.ts';
import { seededRandom } from './random.ts';
import { printFigures, restartFigures } from './report.ts';
import { ServerProcess } from './server-process.ts';

export interface KilledServer {
  readonly found: Audit;
  readonly refusals: readonly unknown[];
  readonly sent: number;
}

export async function killServer(kills: number): Promise<KilledServer> {
  const folder = await makeDataFolder();
  const server = await ServerProcess.create({ dataDir: folder.path });
  try {
    const random = seededRandom('kill -9 of the server');
    await server.start();
    const load = new Load({ urls: [server.url], random, writers: 4, maxBatch: 40, pauseMs: 5 });
    const restarts: number[] = [];
    for (let kill = 0; kill < kills; kill += 1) {
      await sleep(random.integer(20, 700));
      await server.end('SIGKILL');
      restarts.push(await server.start());
    }
    await load.stop();
    const found = await audit((await embeddedConnectionString(folder.path)) ?? '', load);
    printFigures('kill -9 of the server', {
      faults: kills,
      ...found,
      repeats: load.repeats,
      restarts: restartFigures(restarts),
    });
    return { found, refusals: load.refusals, sent: load.sent.size };
  } finally {
    await server.end('SIGTERM');
    await folder.remove();
  }
}
