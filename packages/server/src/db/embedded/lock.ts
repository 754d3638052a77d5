/** One server per data folder. */
import { execFile } from 'node:child_process';
import { link, mkdir, readFile, rename, rm, rmdir, stat, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** Another live process owns the data folder; the message names it and says what to do. */
export class DataDirInUseError extends Error {
  override name = 'DataDirInUseError';
}

export interface DataDirLock {
  release(): Promise<void>;
}

interface Holder {
  readonly pid: number;
  /** Tells a process from a later one with the same id. */
  readonly started: string;
  readonly host: string;
  readonly since: string;
}

const HEARTBEAT_MS = 1_000;

/**
 * Takes `<dataDir>/server.lock`, over from a dead holder if need be. Throws DataDirInUseError while its holder lives.
 * A holder on another host (a shared volume, another container) counts as alive while its lock file is being touched.
 */
export async function takeDataDirLock(dataDir: string): Promise<DataDirLock> {
  const file = path.join(dataDir, 'server.lock');
  const me: Holder = {
    pid: process.pid,
    started: await startOf(process.pid),
    host: os.hostname(),
    since: new Date().toISOString(),
  };
  const mine = `${file}.${process.pid}`;
  await writeFile(mine, JSON.stringify(me), { mode: 0o644 });
  try {
    while (!(await linked(mine, file))) await removeIfStale(file, dataDir);
  } finally {
    await rm(mine, { force: true });
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    void utimes(file, now, now).catch(() => undefined);
  }, HEARTBEAT_MS);
  heartbeat.unref();
  return {
    async release() {
      clearInterval(heartbeat);
      const holder = await readHolder(file);
      if (holder?.pid === me.pid && holder.since === me.since) await rm(file, { force: true });
    },
  };
}

/** A hard link appears with its content or not at all. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function removeIfStale(file: string, dataDir: string): Promise<void> {
  // Only one process at a time may judge and remove, else the second would remove the first one's new lock.
  const gate = `${file}.takeover`;
  try {
    await mkdir(gate);
  } catch {
    await sleep(50);
    const age = Date.now() - ((await stat(gate).catch(() => null))?.mtimeMs ?? Date.now());
    if (age > 15_000) await rmdir(gate).catch(() => undefined);
    return;
  }
  try {
    const holder = await readHolder(file);
    if (holder !== null && (await isHolderAlive(holder, file))) {
      throw new DataDirInUseError(
        `The data folder ${dataDir} is in use by the Farthing server with process id ${holder.pid}` +
          `${holder.host === os.hostname() ? '' : ` on ${holder.host}`} (since ${holder.since}). Stop that server, ` +
          'use it (most commands talk to a running server), or set FARTHING_DATA_DIR to another folder.',
      );
    }
    const aside = `${file}.stale.${process.pid}`;
    await rename(file, aside).catch(() => undefined);
    await rm(aside, { force: true });
  } finally {
    await rmdir(gate).catch(() => undefined);
  }
}

async function readHolder(file: string): Promise<Holder | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Holder;
  } catch {
    return null;
  }
}

async function isHolderAlive(holder: Holder, file: string): Promise<boolean> {
  if (holder.host === os.hostname()) return (await startOf(holder.pid)) === holder.started;
  const touched = async () => (await stat(file).catch(() => null))?.mtimeMs;
  const before = await touched();
  await sleep(2.5 * HEARTBEAT_MS);
  return (await touched()) !== before;
}

/** When a process started, as an opaque text; empty when there is no such process. */
async function startOf(pid: number): Promise<string> {
  if (process.platform === 'linux') {
    const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    // After the command in brackets, which may hold anything, come fields 3, 4, …; the 22nd is the start time.
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? '' : (fields[19] ?? '');
  }
  const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]).catch(() => ({
    stdout: '',
  }));
  return stdout.trim();
}
