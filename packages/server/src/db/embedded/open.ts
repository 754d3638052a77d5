/** Opens the embedded PostgreSQL of a data folder, and keeps it running until it is stopped. */
import { createHash } from 'node:crypto';
import { lstat, mkdir, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Log } from '../log.ts';
import {
  APPLICATION,
  connectionUrl,
  ensureApplicationDatabase,
  type Server,
} from './application-database.ts';
import { binariesVersion, findBinaries } from './binaries.ts';
import { ClusterError, type ClusterPaths, clusterPaths, ensureSecrets, initCluster } from './cluster.ts';
import { chooseIdentity, giveTo, type OsUser } from './identity.ts';
import { takeDataDirLock } from './lock.ts';
import { watchLogFile } from './log-file.ts';
import { reachableBinaries } from './runtime.ts';
import { supervise } from './supervisor.ts';

/** A running embedded PostgreSQL, owned by this process. */
export interface EmbeddedPostgres {
  /** For the application's own role, which is no superuser. */
  readonly connectionString: string;
  /** The same, as any psql on this machine understands it. Holds the password. */
  readonly psql: string;
  /** The superuser's, for an administrator's psql. */
  readonly adminPsql: string;
  /** PostgreSQL's version, `18.4`. */
  readonly version: string;
  /** Whether this call started it, or found it running after the process that had started it died. */
  readonly state: 'started' | 'adopted';
  readonly dataDir: string;
  /** How long parts of the opening took, in milliseconds; null: was not needed. */
  readonly timings: { readonly initMs: number | null; readonly startMs: number };
  /** Stops PostgreSQL (fast shutdown) and gives the data folder free. Call it after `database.close()`. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** FARTHING_DATA_DIR. */
  readonly dataDir: string;
  readonly log: Log;
  /** PostgreSQL settings that differ from LEDGER_SETTINGS (tests turn fsync off). */
  readonly settings?: { readonly [name: string]: string };
  /** Lets the application role create databases: for test runs. */
  readonly databaseCreator?: boolean;
  /** A folder with bin/, lib/ and share/ of PostgreSQL. Default: the platform package from npm. */
  readonly native?: string;
}

const PORT = 5432; // names the socket file; nothing listens on TCP
const LONGEST_SOCKET_PATH = process.platform === 'linux' ? 107 : 103;

/**
 * Creates the database at the first call. Starts it, or adopts one that a killed server left running, and restarts it
 * whenever it dies. Throws DataDirInUseError, NoEmbeddedPostgresError or ClusterError with a message for the user.
 *
 *     const postgres = await openEmbedded({ dataDir: './.farthing', log });
 *     await migrate({ connectionString: postgres.connectionString });
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const { log } = options;
  const paths = clusterPaths(options.dataDir);
  const native = options.native ?? (await findBinaries());
  const version = await binariesVersion(native);
  await refuseForeignCluster(paths);
  const lock = await takeDataDirLock(paths.dataDir);
  try {
    const identity = await chooseIdentity(paths.dataDir, paths.clusterDir);
    const binaries = await reachableBinaries(native, { identity, version, log });
    const secrets = await ensureSecrets(paths);
    const initMs = await timed(() =>
      ensureCluster(paths, { binaries, identity, version, password: secrets.superuser }),
    );
    const socketDir = await ensureSocketDir(paths, identity);
    const server: Server = { socketDir, port: PORT, secrets };
    const started = performance.now();
    const supervised = await supervise({
      postmaster: { binaries, identity, paths, socketDir, port: PORT, settings: options.settings ?? {} },
      server,
      log,
    });
    try {
      await ensureApplicationDatabase(server, { mayCreateDatabases: options.databaseCreator === true });
    } catch (error) {
      await supervised.stop();
      throw error;
    }
    const logFile = watchLogFile(paths.logFile);
    const startMs = performance.now() - started;
    log.info(
      { version, state: supervised.state, init_ms: initMs, start_ms: startMs },
      'Embedded PostgreSQL is ready',
    );
    const url = connectionUrl(server, 'application');
    return {
      connectionString: url,
      psql: url,
      adminPsql: connectionUrl(server, 'superuser'),
      version,
      state: supervised.state,
      dataDir: paths.dataDir,
      timings: { initMs, startMs },
      async stop() {
        await logFile.stop();
        await supervised.stop();
        if (socketDir !== paths.clusterDir) await rm(socketDir, { recursive: true, force: true });
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/**
 * The psql connection string of a data folder's database, for `farthing doctor` while a server is running. Null when
 * there is none yet or its secrets may not be read.
 */
export async function embeddedConnectionString(dataDir: string): Promise<string | null> {
  const paths = clusterPaths(dataDir);
  const secrets = await ensureSecrets(paths, { make: false }).catch(() => null);
  return secrets === null
    ? null
    : connectionUrl({ socketDir: socketDirOf(paths), port: PORT, secrets }, 'application');
}

/** Makes the cluster when there is none. Returns whether it did; refuses one of another major version. */
async function ensureCluster(
  paths: ClusterPaths,
  options: {
    readonly binaries: string;
    readonly identity: OsUser;
    readonly version: string;
    readonly password: string;
  },
): Promise<boolean> {
  const made = await readFile(path.join(paths.clusterDir, 'PG_VERSION'), 'utf8').catch(() => null);
  const complete = await stat(paths.initialised).catch(() => null);
  if (made === null || complete === null) {
    await initCluster(paths, options);
    return true;
  }
  const ours = options.version.split('.')[0];
  if (made.trim() === ours) return false;
  throw new ClusterError(
    `The data in ${paths.clusterDir} belong to PostgreSQL ${made.trim()}; this Farthing brings PostgreSQL ${ours}, ` +
      'which cannot read them. Nothing was changed. With the Farthing release that made them run "farthing backup FILE", ' +
      `move ${paths.clusterDir} aside, and run "farthing restore FILE" with this release.`,
  );
}

/** Runs `work`; the time it took, or null when it says that there was nothing to do. */
async function timed(work: () => Promise<boolean>): Promise<number | null> {
  const started = performance.now();
  return (await work()) ? performance.now() - started : null;
}

/** A cluster made by another user cannot be opened by an ordinary one. */
async function refuseForeignCluster(paths: ClusterPaths): Promise<void> {
  const me = process.getuid?.();
  const found = await stat(paths.clusterDir).catch(() => null);
  if (me === undefined || me === 0 || found === null || found.uid === me) return;
  throw new ClusterError(
    `The database in ${paths.clusterDir} belongs to user id ${found.uid}, and this process runs as ${me}. Run Farthing ` +
      `as that user or as root, or hand the folder over: chown -R ${me} ${paths.dataDir}`,
  );
}

/** The socket lies in the cluster's own private folder, or in a short private one where that path is too long. */
function socketDirOf(paths: ClusterPaths): string {
  const socket = path.join(paths.clusterDir, `.s.PGSQL.${PORT}`);
  if (Buffer.byteLength(socket) <= LONGEST_SOCKET_PATH) return paths.clusterDir;
  const hash = createHash('sha256').update(paths.clusterDir).digest('hex').slice(0, 16);
  return path.join(os.tmpdir(), `${APPLICATION}-${hash}`);
}

async function ensureSocketDir(paths: ClusterPaths, identity: OsUser): Promise<string> {
  const folder = socketDirOf(paths);
  if (folder === paths.clusterDir) return folder;
  const owner = identity?.uid ?? process.getuid?.();
  await mkdir(folder, { mode: 0o700 }).then(
    () => giveTo(identity, folder),
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    },
  );
  const found = await lstat(folder);
  if (!found.isDirectory() || (found.mode & 0o077) !== 0 || (owner !== undefined && found.uid !== owner)) {
    throw new ClusterError(`${folder}, meant for the database socket, belongs to somebody else; remove it.`);
  }
  return folder;
}
