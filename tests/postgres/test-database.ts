/** A migrated database of its own for a test file, on the run's one PostgreSQL. */
import { randomBytes } from 'node:crypto';
import net from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { inject } from 'vitest';
import { createDatabase, type Database } from '../../packages/server/src/db/database.ts';

const DROP_ATTEMPTS = 40;
const silent = { info() {}, warn() {}, error() {} };

export interface TestDatabase {
  readonly database: Database;
  /** Connects as the owning, non-superuser role. */
  readonly connectionString: string;
  /** Closes `database` and drops the database with it. */
  drop(): Promise<void>;
}

/**
 * Makes a migrated, otherwise empty database:
 *
 *     const { database, drop } = await createTestDatabase();
 *     afterAll(drop);
 *
 * `{ empty: true }` leaves out the migrations.
 */
export async function createTestDatabase(options: { readonly empty?: boolean } = {}): Promise<TestDatabase> {
  const server = await serverConnectionString();
  const name = `test_${randomBytes(6).toString('hex')}`;
  await administer(
    server,
    `create database ${name} template ${options.empty ? 'template0' : 'farthing_template'}`,
  );
  const url = new URL(server);
  url.pathname = `/${name}`;
  const database = createDatabase({ connectionString: url.href, log: silent, max: 12 });
  return {
    database,
    connectionString: url.href,
    async drop() {
      await database.close();
      await dropDatabase(server, name);
    },
  };
}

/**
 * Autovacuum's workers are the superuser's: while one looks at the database, `force` by an ordinary role is refused. It
 * leaves by itself, within moments.
 */
async function dropDatabase(server: string, name: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await administer(server, `drop database if exists ${name} with (force)`);
      return;
    } catch (error) {
      if (attempt === DROP_ATTEMPTS) throw error;
      await sleep(250);
    }
  }
}

/** The run's PostgreSQL, started by the first caller. */
export async function serverConnectionString(): Promise<string> {
  const socket = net.connect(Number(inject('postgresGate')), '127.0.0.1');
  const answer = JSON.parse(await text(socket)) as { connectionString?: string; error?: string };
  if (answer.connectionString === undefined) throw new Error(`No test database: ${answer.error}`);
  return answer.connectionString;
}

async function administer(server: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    // Copying the template fails while another worker's copy is under way on older servers; the lock queues them.
    await client.query('select pg_advisory_lock(1)');
    await client.query(sql);
  } finally {
    await client.end();
  }
}
