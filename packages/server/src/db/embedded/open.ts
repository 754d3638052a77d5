/** Opens the embedded PostgreSQL of a data folder. */
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import type { Log } from '../database.ts';
import { findBinaries } from './binaries.ts';
import {
  type ClusterPaths,
  clusterPaths,
  ensureSecrets,
  initCluster,
  type Secrets,
  SUPERUSER,
} from './cluster.ts';
import { chooseIdentity } from './identity.ts';
import { startPostmaster, stopPostmaster } from './postmaster.ts';

export interface EmbeddedPostgres {
  /** For the application's own role. */
  readonly connectionString: string;
  /** A connection string that any psql on this machine understands. */
  readonly psql: string;
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  readonly dataDir: string;
  readonly log: Log;
  /** PostgreSQL settings that differ from the defaults (tests turn fsync off). */
  readonly settings?: { readonly [name: string]: string };
  /** Lets the application role create databases: for test runs. */
  readonly databaseCreator?: boolean;
}

const PORT = 5432;
const ROLE = 'farthing';

export async function openEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const paths = clusterPaths(options.dataDir);
  await mkdir(paths.dataDir, { recursive: true });
  const binaries = await findBinaries();
  const identity = await chooseIdentity(paths.dataDir, paths.clusterDir);
  const secrets = await ensureSecrets(paths);
  const fresh = (await stat(path.join(paths.clusterDir, 'global', 'pg_control')).catch(() => null)) === null;
  if (fresh) await initCluster(paths, { binaries, identity, secrets });
  const postmaster = await startPostmaster({
    binaries,
    identity,
    paths,
    socketDir: paths.clusterDir,
    port: PORT,
    settings: options.settings ?? {},
  });
  await ensureApplicationDatabase(paths, secrets, options.databaseCreator === true);
  const url = connectionUrl(paths.clusterDir, ROLE, secrets.farthing, ROLE);
  return { connectionString: url, psql: url, stop: () => stopPostmaster(postmaster.pid) };
}

function connectionUrl(socketDir: string, user: string, password: string, database: string): string {
  return `postgres://${user}:${password}@localhost/${database}?host=${encodeURIComponent(socketDir)}&port=${PORT}`;
}

/** The login role owns the database and may create the group roles; it is no superuser. */
async function ensureApplicationDatabase(
  paths: ClusterPaths,
  secrets: Secrets,
  createdb: boolean,
): Promise<void> {
  const client = new pg.Client({
    host: paths.clusterDir,
    port: PORT,
    user: SUPERUSER,
    password: secrets.superuser,
    database: 'postgres',
  });
  await client.connect();
  try {
    const { rows } = await client.query<{ role: boolean; database: boolean }>(
      `select exists (select from pg_roles where rolname = '${ROLE}') as role,
              exists (select from pg_database where datname = '${ROLE}') as database`,
    );
    if (rows[0]?.role !== true) {
      await client.query(
        `create role ${ROLE} login nosuperuser createrole ${createdb ? 'createdb' : ''} password ${pg.escapeLiteral(secrets.farthing)}`,
      );
    }
    if (rows[0]?.database !== true) await client.query(`create database ${ROLE} owner ${ROLE}`);
  } finally {
    await client.end();
  }
}
