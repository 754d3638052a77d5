/** The application's role and database inside the embedded PostgreSQL. */
import pg from 'pg';
import { type Secrets, SUPERUSER } from './cluster.ts';

/** The application's login role and its database. */
export const APPLICATION = 'farthing';

/** Where a server listens, and the passwords. */
export interface Server {
  readonly socketDir: string;
  readonly port: number;
  readonly secrets: Secrets;
}

/**
 * A connection URL for node-postgres and libpq alike: the `host` parameter, a socket folder, overrides `localhost`,
 * which is there because URL parsers want a host.
 */
export function connectionUrl(server: Server, as: 'application' | 'superuser'): string {
  const [user, password, database] =
    as === 'application'
      ? [APPLICATION, server.secrets.farthing, APPLICATION]
      : [SUPERUSER, server.secrets.superuser, 'postgres'];
  return `postgres://${user}:${password}@localhost/${database}?host=${encodeURIComponent(server.socketDir)}&port=${server.port}`;
}

/** Runs `work` as superuser on a connection of its own. */
export async function withSuperuser<Result>(
  server: Server,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({
    connectionString: connectionUrl(server, 'superuser'),
    application_name: 'farthing admin',
    connectionTimeoutMillis: 5_000,
    query_timeout: 30_000,
  });
  client.on('error', () => undefined); // what breaks the connection also rejects the query under way
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** True when the server answers and takes the cluster's password. */
export async function answers(server: Server): Promise<boolean> {
  return withSuperuser(server, (client) => client.query('select 1')).then(
    () => true,
    () => false,
  );
}

/** The login role owns the database and may create the group roles; it is no superuser. */
export async function ensureApplicationDatabase(
  server: Server,
  options: { readonly mayCreateDatabases: boolean },
): Promise<void> {
  await withSuperuser(server, async (client) => {
    const { rows } = await client.query<{ role: boolean; database: boolean }>(
      `select exists (select from pg_roles where rolname = $1) as role,
              exists (select from pg_database where datname = $1) as database`,
      [APPLICATION],
    );
    if (rows[0]?.role !== true) {
      await client.query(
        `create role ${APPLICATION} login nosuperuser createrole ${options.mayCreateDatabases ? 'createdb' : ''}
         password ${pg.escapeLiteral(server.secrets.farthing)}`,
      );
    }
    if (rows[0]?.database !== true) await client.query(`create database ${APPLICATION} owner ${APPLICATION}`);
  });
}
