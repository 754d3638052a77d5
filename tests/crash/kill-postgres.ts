/** A server under load whose Postgres is killed again and again, and what its ledger holds afterwards. */
import { setTimeout as sleep } from 'node:timers/promises';
import { embeddedConnectionString } from '../../packages/server/src/index.ts';
import { type Audit, audit } from './audit.ts';
import { type DataFolder, killIfAlive, makeDataFolder } from './data-folder.ts';
import { Load } from './load.ts';
import { seededRandom } from './random.ts';
import { printFigures, restartFigures } from './report.ts';
import { ServerProcess } from './server-process.ts';

export interface KilledPostgres {
  readonly found: Audit;
  readonly refusals: readonly unknown[];
  readonly sent: number;
}

/** Longer than any start waits for what a killed one left behind; past it the restart hangs, and the error says where. */
const LONGEST_RESTART_MS = 60_000;

export async function killPostgres(kills: number): Promise<KilledPostgres> {
  const folder = await makeDataFolder();
  const server = await ServerProcess.create({ dataDir: folder.path });
  try {
    const random = seededRandom('kill -9 of Postgres');
    await server.start();
    const load = new Load({ urls: [server.url], random, writers: 3, maxBatch: 20, pauseMs: 20 });
    const restarts: number[] = [];
    for (let kill = 0; kill < kills; kill += 1) {
      // Every other kill waits until events go straight into the database again; the others hit recovery and replay.
      if (kill % 2 === 0) await commitsAgain(load, server);
      await sleep(random.integer(0, 600));
      const pid = await folder.postgresPid();
      if (pid === null || !killIfAlive(pid)) throw new Error('there is no Postgres to kill');
      restarts.push(await nextPostgres(folder, server, pid));
    }
    await load.stop();
    const found = await audit((await embeddedConnectionString(folder.path)) ?? '', load);
    printFigures('kill -9 of Postgres', {
      faults: kills,
      ...found,
      committed: load.committed,
      queued: load.queued,
      repeats: load.repeats,
      restarts: restartFigures(restarts),
    });
    return { found, refusals: load.refusals, sent: load.sent.size };
  } finally {
    await server.end('SIGTERM');
    await folder.remove();
  }
}

/** Waits until an event is answered from the database, not from the spool. */
async function commitsAgain(load: Load, server: ServerProcess): Promise<void> {
  const before = load.committed;
  await within('an event in the database', server, async () => load.committed !== before);
}

/** Waits until the server has started another one that accepts connections; answers how long that took, in milliseconds. */
async function nextPostgres(folder: DataFolder, server: ServerProcess, killed: number): Promise<number> {
  const begun = performance.now();
  await within('the next Postgres', server, async () => {
    const pid = await folder.postgresPid();
    return pid !== null && pid !== killed;
  });
  return performance.now() - begun;
}

async function within(what: string, server: ServerProcess, reached: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + LONGEST_RESTART_MS;
  while (!(await reached())) {
    if (server.died) throw new Error(`The server died with its Postgres:\n${server.said}`);
    if (performance.now() > deadline)
      throw new Error(
        `${what} did not come within ${LONGEST_RESTART_MS} ms. The server said:\n${server.said}`,
      );
    await sleep(10);
  }
}
