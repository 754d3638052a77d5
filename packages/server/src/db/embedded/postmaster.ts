/** The PostgreSQL server process: started detached, waited for, stopped. */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { chmod, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClusterPaths, dataArgument, postgresEnvironment } from './cluster.ts';
import { giveTo, type OsUser } from './identity.ts';
import { boundLogFile } from './log-file.ts';
import { sharedBuffers } from './memory.ts';

/** Settings for a ledger on a machine with other programs: durable first, modest memory. */
export const LEDGER_SETTINGS: { readonly [name: string]: string } = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  wal_compression: 'on',
  max_wal_size: '2GB',
  min_wal_size: '128MB',
  checkpoint_timeout: '10min',
  shared_buffers: sharedBuffers(),
  work_mem: '16MB',
  maintenance_work_mem: '128MB',
  effective_io_concurrency: '16',
  max_connections: '60',
  // For the ledger's own role: reporting logins cannot take its last connections.
  reserved_connections: '25',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // The log holds nothing of an event: no parameters, no statements, no errors (clients get them, and they quote
  // values), no details. The rest is about the server itself. Slow statements of the ledger's own role are logged, see
  // keepOut.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_parameter_max_length: '0',
  log_parameter_max_length_on_error: '0',
  log_min_duration_statement: '-1',
  log_checkpoints: 'off',
  idle_session_timeout: '0',
  password_encryption: 'scram-sha-256',
};

/** Content of postmaster.pid, of a running or a crashed server. */
export interface PostmasterFile {
  readonly pid: number;
  readonly ready: boolean;
  readonly port: number;
  readonly socketDir: string;
}

export async function readPostmasterFile(clusterDir: string): Promise<PostmasterFile | null> {
  const text = await readFile(path.join(clusterDir, 'postmaster.pid'), 'utf8').catch(() => null);
  const lines = text?.split('\n') ?? [];
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return null;
  return {
    pid,
    ready: lines[7]?.trim() === 'ready',
    port: Number(lines[3]),
    socketDir: lines[4] ?? '',
  };
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

export interface Postmaster {
  readonly pid: number;
  /** Resolves when the process is gone. */
  readonly exited: Promise<void>;
}

export interface PostmasterOptions {
  readonly binaries: string;
  readonly identity: OsUser;
  readonly paths: ClusterPaths;
  readonly socketDir: string;
  readonly port: number;
  readonly settings: { readonly [name: string]: string };
}

const START_LIMIT_MS = 120_000; // crash recovery of a large write-ahead log takes its time

/** Starts the server and waits until it accepts connections; throws with the end of its log when it does not come up. */
export async function startPostmaster(options: PostmasterOptions): Promise<Postmaster> {
  const { binaries, identity, paths, socketDir, port } = options;
  await boundLogFile(paths.logFile);
  const logSize = (await stat(paths.logFile).catch(() => null))?.size ?? 0;
  const log = openSync(paths.logFile, 'a', 0o600);
  await chmod(paths.logFile, 0o600); // an older release may have created it readable for others
  await giveTo(identity, paths.logFile);
  const settings = {
    ...LEDGER_SETTINGS,
    ...options.settings,
    listen_addresses: '',
    port: String(port),
    unix_socket_directories: socketDir === paths.clusterDir ? '.' : socketDir,
    unix_socket_permissions: '0700',
  };
  const args = ['-D', dataArgument(paths.clusterDir)];
  for (const [name, value] of Object.entries(settings)) args.push('-c', `${name}=${value}`);
  const child = spawn(path.join(binaries, 'bin', 'postgres'), args, {
    cwd: paths.clusterDir,
    env: postgresEnvironment(),
    // Detached: Ctrl-C reaches the server alone, which drains before it stops the database.
    detached: true,
    stdio: ['ignore', log, log],
    ...identity,
  });
  closeSync(log);
  child.unref();
  let failure: string | null = null;
  const exited = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      failure = error.message;
      resolve();
    });
    child.once('exit', (code, signal) => {
      failure = `exit ${code ?? signal}`;
      resolve();
    });
  });
  const deadline = performance.now() + START_LIMIT_MS;
  while (failure === null && performance.now() < deadline) {
    const file = await readPostmasterFile(paths.clusterDir);
    if (child.pid !== undefined && file?.pid === child.pid && file.ready) return { pid: child.pid, exited };
    await sleep(15);
  }
  if (failure === null && child.pid !== undefined) process.kill(child.pid, 'SIGQUIT');
  const said = (await readFile(paths.logFile, 'utf8').catch(() => '')).slice(logSize).trim();
  throw new PostmasterError(
    `PostgreSQL did not start (${failure ?? 'not ready in time'}):\n${said.slice(-2_000)}`,
  );
}

export class PostmasterError extends Error {
  override readonly name = 'PostmasterError';
}

/** Fast shutdown (SIGINT); immediate (SIGQUIT, crash-safe) when that takes longer than `patienceMs`. */
export async function stopPostmaster(pid: number, patienceMs = 30_000): Promise<void> {
  signal(pid, 'SIGINT');
  if (await gone(pid, patienceMs)) return;
  signal(pid, 'SIGQUIT');
  await gone(pid, 10_000);
}

async function gone(pid: number, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (isAlive(pid)) {
    if (performance.now() > deadline) return false;
    await sleep(10);
  }
  return true;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
