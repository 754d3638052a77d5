/** Keeps PostgreSQL running: adopts or clears away what a killed server left, restarts what dies. */
import { execFile } from 'node:child_process';
import { readFile, readlink, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Log } from '../log.ts';
import { answers, type Server } from './application-database.ts';
import {
  isAlive,
  type Postmaster,
  PostmasterError,
  type PostmasterOptions,
  readPostmasterFile,
  startPostmaster,
  stopPostmaster,
} from './postmaster.ts';

export interface Supervised {
  readonly state: 'started' | 'adopted';
  /** Stops PostgreSQL and the supervision. */
  stop(): Promise<void>;
}

export interface SuperviseOptions {
  readonly postmaster: PostmasterOptions;
  readonly server: Server;
  readonly log: Log;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;
/** After a kill -9 of the postmaster its children need a moment to notice; until then a new one refuses to start. */
const ORPHANS_PATIENCE_MS = 15_000;
const ADOPTION_PATIENCE_MS = 60_000;

/** Resolves when PostgreSQL accepts connections; from then on it is restarted whenever it dies, until `stop`. */
export async function supervise(options: SuperviseOptions): Promise<Supervised> {
  const { log } = options;
  const orphan = await findOrphan(options);
  let current: Postmaster = orphan ?? (await startPatiently(options));
  let stopping = false;
  const watching = (async () => {
    while (!stopping) {
      await current.exited;
      if (stopping) return;
      log.error({ pid: current.pid }, 'Embedded PostgreSQL died, restarting it');
      const restarted = await restart();
      if (restarted === null) return;
      current = restarted;
      log.info({ pid: current.pid }, 'Embedded PostgreSQL is back');
    }
  })();

  async function restart(): Promise<Postmaster | null> {
    for (let pause = FIRST_PAUSE_MS; !stopping; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        return await startPatiently(options);
      } catch (error) {
        log.error({ error: String(error), retry_ms: pause }, 'Embedded PostgreSQL could not be restarted');
        await sleep(pause);
      }
    }
    return null;
  }

  return {
    state: orphan === null ? 'started' : 'adopted',
    async stop() {
      stopping = true;
      await stopPostmaster(current.pid);
      await whileAlive(watching);
      // A restart that was running when the stop was requested has ended by now.
      if (isAlive(current.pid)) await stopPostmaster(current.pid);
    },
  };
}

/** Waits for what only unreferenced timers and processes would wake: the event loop must not end before it. */
async function whileAlive(work: Promise<void>): Promise<void> {
  const keepAlive = setInterval(() => {}, 1_000);
  try {
    await work;
  } finally {
    clearInterval(keepAlive);
  }
}

/** Starts a server, waiting for the children of a killed one to be gone. */
async function startPatiently(options: SuperviseOptions): Promise<Postmaster> {
  const deadline = performance.now() + ORPHANS_PATIENCE_MS;
  for (;;) {
    try {
      await clearStalePidFile(options);
      return await startPostmaster(options.postmaster);
    } catch (error) {
      const leftOvers =
        error instanceof PostmasterError && /pre-existing shared memory|postmaster\.pid/.test(error.message);
      if (!leftOvers || performance.now() > deadline) throw error;
      await sleep(100);
    }
  }
}

/** The server of a process that was killed, if it still runs: taken over when it answers, else stopped. */
async function findOrphan({ postmaster, server, log }: SuperviseOptions): Promise<Postmaster | null> {
  const clusterDir = postmaster.paths.clusterDir;
  const file = await readPostmasterFile(clusterDir);
  if (file === null || !(await runsCluster(file.pid, clusterDir))) return null;
  const deadline = performance.now() + ADOPTION_PATIENCE_MS;
  while (isAlive(file.pid) && performance.now() < deadline) {
    if ((await readPostmasterFile(clusterDir))?.ready !== true) {
      await sleep(50); // recovering, or on its way down
      continue;
    }
    if (await answers(server)) {
      log.info({ pid: file.pid }, 'Adopted the PostgreSQL that an earlier server left running');
      return { pid: file.pid, exited: goneByPolling(file.pid) };
    }
    break;
  }
  log.warn(
    { pid: file.pid },
    'Stopping the PostgreSQL that an earlier server left running: it does not answer',
  );
  await stopPostmaster(file.pid, 10_000);
  return null;
}

/** postmaster.pid can name an unrelated process: process ids are reused, in containers immediately. */
async function clearStalePidFile({ postmaster }: SuperviseOptions): Promise<void> {
  const clusterDir = postmaster.paths.clusterDir;
  const file = await readPostmasterFile(clusterDir);
  if (file === null || !isAlive(file.pid) || (await runsCluster(file.pid, clusterDir))) return;
  await rm(path.join(clusterDir, 'postmaster.pid'), { force: true });
}

/** True when the process is a PostgreSQL of this cluster; its working directory is the cluster's folder. */
async function runsCluster(pid: number, clusterDir: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  if (process.platform !== 'linux') {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => ({
      stdout: '',
    }));
    return stdout.includes('postgres') && stdout.includes(clusterDir);
  }
  const command = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
  if (command.trim() !== 'postgres') return false;
  const folder = await readlink(`/proc/${pid}/cwd`).catch(() => null);
  return folder === null || folder === (await realpath(clusterDir));
}

async function goneByPolling(pid: number): Promise<void> {
  while (isAlive(pid)) await sleep(200, undefined, { ref: false });
}
