/** The application's role and database inside the embedded PostgreSQL. */
import pg from 'pg';
import { closeToPublic } from '../schema/public-rights.ts';
import { transactionOn } from '../tx.ts';
import { type Secrets, SUPERUSER } from './cluster.ts';

/** The application's login role and its database. */
export const APPLICATION = 'farthing';

/** Address of a server, and the passwords. */
export interface Server {
  readonly socketDir: string;
  readonly port: number;
  readonly secrets: Secrets;
}

/**
 * A connection URL for node-postgres and libpq alike: the `host` parameter, a socket folder, overrides `localhost`,
 * which is there because URL parsers want a host.
 */
export function connectionUrl(
  server: Server,
  as: 'application' | 'superuser',
  database = as === 'application' ? APPLICATION : 'postgres',
): string {
  const [user, password] =
    as === 'application' ? [APPLICATION, server.secrets.farthing] : [SUPERUSER, server.secrets.superuser];
  return `postgres://${user}:${password}@localhost/${database}?host=${encodeURIComponent(server.socketDir)}&port=${server.port}`;
}

/** Runs `work` as superuser on a new connection, to the database `postgres` unless another is given. */
export async function withSuperuser<Result>(
  server: Server,
  work: (client: pg.Client) => Promise<Result>,
  database?: string,
): Promise<Result> {
  const client = new pg.Client({
    connectionString: connectionUrl(server, 'superuser', database),
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
    await keepOut(client);
  });
  await withSuperuser(server, (client) => closeToPublic(transactionOn(client), APPLICATION), APPLICATION);
}

/**
 * Reporting logins cannot connect to the other databases, and their sessions never use up the connections of the ledger
 * itself. Slow statements are logged for the ledger's role only, since it passes values as parameters. Statements typed
 * into psql are not logged.
 */
async function keepOut(client: pg.Client): Promise<void> {
  await client.query('revoke connect on database postgres, template1 from public');
  await client.query(`grant pg_use_reserved_connections to ${APPLICATION}`);
  await client.query(`alter role ${APPLICATION} set log_min_duration_statement = '2s'`);
}
