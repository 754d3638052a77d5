/** The data directory of the embedded PostgreSQL: made once, opened ever after. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { giveTo, type OsUser } from './identity.ts';

export const SUPERUSER = 'postgres';

/** Paths of the embedded database below the data folder. */
export interface ClusterPaths {
  readonly dataDir: string;
  readonly clusterDir: string;
  /** Holds the passwords; mode 0600. */
  readonly secrets: string;
  /** Written when initdb had finished: without it the cluster never held data. */
  readonly initialised: string;
  readonly logFile: string;
}

export interface Secrets {
  readonly superuser: string;
  readonly farthing: string;
}

/** The cluster was made by something this release cannot run; the message says what to do. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';
}

export function clusterPaths(dataDir: string): ClusterPaths {
  const root = path.resolve(dataDir);
  return {
    dataDir: root,
    clusterDir: path.join(root, 'postgres'),
    secrets: path.join(root, 'postgres.secrets.json'),
    initialised: path.join(root, 'postgres.initialised'),
    logFile: path.join(root, 'postgres.log'),
  };
}

/**
 * On Linux the server reaches its data through its working directory, so that a private folder above it (0700,
 * another owner) is no obstacle for the unprivileged user it runs as.
 */
export function dataArgument(clusterDir: string): string {
  return process.platform === 'linux' ? '/proc/self/cwd' : clusterDir;
}

/** A minimal environment: none of our variables (keys, PG*) reach the database process. */
export function postgresEnvironment(): NodeJS.ProcessEnv {
  return { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
}

/** Passwords of the cluster: read, or made at first (unless `make` is false: then missing ones are an error). */
export async function ensureSecrets(paths: ClusterPaths, { make = true } = {}): Promise<Secrets> {
  try {
    return JSON.parse(await readFile(paths.secrets, 'utf8')) as Secrets;
  } catch (error) {
    if (!make || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const secret = () => randomBytes(24).toString('base64url');
  const made: Secrets = { superuser: secret(), farthing: secret() };
  const temporary = `${paths.secrets}.${process.pid}`;
  await writeFile(temporary, JSON.stringify(made), { mode: 0o600 });
  await rename(temporary, paths.secrets);
  return made;
}

/** Runs initdb: UTF-8, builtin C.UTF-8, checksums, passwords for everyone. */
export async function initCluster(
  paths: ClusterPaths,
  options: { readonly binaries: string; readonly identity: OsUser; readonly password: string },
): Promise<void> {
  const { binaries, identity, password } = options;
  await clearUnfinished(paths);
  await mkdir(paths.clusterDir, { mode: 0o700 });
  await giveTo(identity, paths.clusterDir);
  const passwordFolder = await mkdtemp(path.join(os.tmpdir(), 'farthing-initdb-'));
  const passwordFile = path.join(passwordFolder, 'password');
  try {
    await giveTo(identity, passwordFolder);
    await writeFile(passwordFile, password, { mode: 0o600 });
    await giveTo(identity, passwordFile);
    const { code, output } = await run(path.join(binaries, 'bin', 'initdb'), {
      args: [
        `--pgdata=${dataArgument(paths.clusterDir)}`,
        `--username=${SUPERUSER}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--locale=C',
        '--data-checksums',
        '--no-instructions',
      ],
      cwd: paths.clusterDir,
      identity,
    });
    if (code !== 0) {
      throw new ClusterError(`initdb failed (exit ${code}) in ${paths.clusterDir}:\n${output.trim()}`);
    }
    await writeFile(paths.initialised, `${new Date().toISOString()}\n`);
  } finally {
    await rm(passwordFolder, { recursive: true, force: true });
  }
}

/**
 * Removes what an interrupted initdb left. A cluster that was ever started (it has a postmaster.opts) is never removed,
 * whatever else is missing. A postmaster.pid says nothing: the servers that initdb runs for itself leave one too.
 */
async function clearUnfinished(paths: ClusterPaths): Promise<void> {
  const found: readonly string[] = await readdir(paths.clusterDir).catch(() => []);
  if (found.includes('postmaster.opts')) {
    throw new ClusterError(
      `${paths.clusterDir} holds a database, but ${paths.initialised} or its PG_VERSION is missing. Put the missing file ` +
        'back (an empty one will do for the first), or move the folder aside to begin anew.',
    );
  }
  // An initdb whose server was killed may still be writing there, so move the folder away first.
  const aside = `${paths.clusterDir}.unfinished`;
  await rm(aside, REMOVE);
  if (found.length > 0) await rename(paths.clusterDir, aside);
  await rm(aside, REMOVE);
  await rm(paths.clusterDir, REMOVE);
}

/** Retries while another process still writes there. */
const REMOVE = { recursive: true, force: true, maxRetries: 50, retryDelay: 20 } as const;

function run(
  program: string,
  options: { readonly args: readonly string[]; readonly cwd: string; readonly identity: OsUser },
): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, options.args, {
      cwd: options.cwd,
      env: postgresEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
      ...options.identity,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    }
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}
