/** One server per data folder. */
import { execFile } from 'node:child_process';
import { lstat, lutimes, mkdir, open, readFile, readlink, rename, rm, symlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** Another live process owns the data folder; the message names it and says what to do. */
export class DataDirInUseError extends Error {
  override readonly name = 'DataDirInUseError';
}

/** The data folder cannot be made or written; the message says why and what to do. */
export class DataDirUnusableError extends Error {
  override readonly name = 'DataDirUnusableError';
}

export interface DataDirLock {
  release(): Promise<void>;
}

interface Holder {
  readonly pid: number;
  /** Tells a process from a later one with the same id. */
  readonly started: string;
  readonly host: string;
  /** Unix milliseconds. */
  readonly since: number;
}

const HEARTBEAT_MS = 1_000;
/** Names are cut so that a lock fits into the inode: filesystems store short links there, without a separate block. */
const HOST_CHARACTERS = 28;
const HOST = os.hostname().slice(0, HOST_CHARACTERS);

/**
 * Makes the folder where it is missing and takes `<dataDir>/server.lock`, over from a dead holder if need be.
 * A holder on another host (a shared volume, another container) counts as alive while its lock is being touched.
 *
 * The lock is a symbolic link whose target is the holder: it appears with its content or not at all, also on a full disk.
 *
 * @throws DataDirInUseError its holder lives
 * @throws DataDirUnusableError the folder cannot be made or written
 */
export async function takeDataDirLock(dataDir: string): Promise<DataDirLock> {
  const file = path.join(dataDir, 'server.lock');
  const me: Holder = {
    pid: process.pid,
    started: await startOf(process.pid),
    host: HOST,
    since: Date.now(),
  };
  const mine = describe(me);
  try {
    await makeFolder(dataDir);
    while (!(await linked(mine, file))) await removeIfStale(file, dataDir, mine);
  } catch (error) {
    throw error instanceof DataDirInUseError ? error : unusable(dataDir, error);
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    void lutimes(file, now, now).catch(() => undefined);
  }, HEARTBEAT_MS);
  heartbeat.unref();
  return {
    async release() {
      clearInterval(heartbeat);
      if ((await readlink(file).catch(() => '')) === mine)
        await rm(file, { force: true }).catch(() => undefined);
    },
  };
}

/** Its name survives a loss of power, where the folder above may be read. */
async function makeFolder(dataDir: string): Promise<void> {
  const topmost = await mkdir(dataDir, { recursive: true });
  if (topmost === undefined) return;
  for (let made = path.resolve(dataDir); ; made = path.dirname(made)) {
    const above = await open(path.dirname(made), 'r').catch(() => null);
    await above?.sync().catch(() => undefined);
    await above?.close();
    if (made === path.resolve(topmost) || made === path.dirname(made)) return;
  }
}

function unusable(dataDir: string, error: unknown): DataDirUnusableError {
  const reason = error instanceof Error ? error.message : String(error);
  return new DataDirUnusableError(
    `The data folder ${dataDir} cannot be made or written: ${reason}. The server keeps waiting events there. Give the ` +
      'user of this process the right to write it, or set FARTHING_DATA_DIR to another folder.',
  );
}

/** Makes a link with the given target; false where there is something of that name. */
async function linked(target: string, file: string): Promise<boolean> {
  try {
    await symlink(target, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function removeIfStale(file: string, dataDir: string, mine: string): Promise<void> {
  // Only one process at a time may check and remove a stale lock, else the second would remove the first one's new
  // lock.
  const gate = `${file}.takeover`;
  if (!(await linked(mine, gate))) {
    await sleep(50);
    const age = Date.now() - ((await lstat(gate).catch(() => null))?.mtimeMs ?? Date.now());
    if (age > 15_000) await rm(gate, { recursive: true, force: true });
    return;
  }
  try {
    const holder = await readHolder(file);
    if (holder !== null && (await isHolderAlive(holder, file))) {
      throw new DataDirInUseError(
        `The data folder ${dataDir} is in use by the Farthing server with process id ${holder.pid}` +
          `${holder.host === HOST ? '' : ` on ${holder.host}`} (since ${new Date(holder.since).toISOString()}). Stop ` +
          'that server, use it (most commands talk to a running server), or set FARTHING_DATA_DIR to another folder.',
      );
    }
    const aside = `${file}.stale.${process.pid}`;
    await rename(file, aside).catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error;
    });
    await rm(aside, { force: true });
  } finally {
    await rm(gate, { force: true }).catch(() => undefined);
  }
}

function describe({ pid, started, host, since }: Holder): string {
  return [pid, started, since, host].join('|');
}

/** The holder named in a lock; null if there is none or it is unreadable. */
async function readHolder(file: string): Promise<Holder | null> {
  const text = await readlink(file).catch(() => null);
  if (text === null) return readEarlierHolder(file);
  const [pid, started = '', since, host = ''] = text.split('|');
  return { pid: Number(pid), started, since: Number(since), host };
}

/** Earlier releases wrote the lock as a file of JSON. */
async function readEarlierHolder(file: string): Promise<Holder | null> {
  try {
    const found: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof found !== 'object' || found === null) return null;
    const { pid, started, host, since } = found as { readonly [name: string]: unknown };
    return {
      pid: Number(pid),
      started: String(started),
      host: String(host).slice(0, HOST_CHARACTERS),
      since: Date.parse(String(since)),
    };
  } catch {
    return null;
  }
}

async function isHolderAlive(holder: Holder, file: string): Promise<boolean> {
  if (holder.host === HOST) return (await startOf(holder.pid)) === holder.started;
  const touched = async () => (await lstat(file).catch(() => null))?.mtimeMs;
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

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
