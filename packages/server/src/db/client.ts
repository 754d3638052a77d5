/** A connection outside the pools, for work that owns it: migrations, backup, restore. */
import pg from 'pg';

/**
 * Runs `work` on a new connection and closes it. Statements have no time limit. A connection that breaks rejects the
 * statement under way; it never ends the process.
 */
export async function withClient<Result>(
  connectionString: string,
  purpose: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({
    connectionString,
    application_name: `farthing ${purpose}`,
    connectionTimeoutMillis: 10_000,
    statement_timeout: 0,
  });
  client.on('error', () => undefined); // what breaks the connection also rejects the statement under way
  try {
    await client.connect().catch((error: Error) => {
      throw new Error(noConnection(client, error), { cause: error });
    });
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Names the target of the connection, but never its password. */
function noConnection({ host, port, database, user }: pg.Client, error: Error): string {
  const place = host.startsWith('/') ? host : `${host}:${port}`;
  return (
    `No connection to PostgreSQL at ${place}, database ${database ?? ''}, as ${user ?? ''}: ` +
    `${error.message || 'no answer'}. Start it, or correct DATABASE_URL (unset, Farthing starts its own).`
  );
}
