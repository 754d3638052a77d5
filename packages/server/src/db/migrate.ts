/** Numbered, forward-only, checksummed SQL migrations. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type pg from 'pg';
import { withClient } from './client.ts';
import type { Log } from './log.ts';
import { requireRoles } from './roles.ts';

/** One SQL file of db/migrations. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
  readonly sql: string;
}

/** The database and this release do not fit together; the message says what to do. */
export class MigrationError extends Error {
  override name = 'MigrationError';
}

export interface MigrationResult {
  /** Schema version after the run. */
  readonly version: number;
  /** Names of what this run applied; empty when the schema was up to date (or another process was faster). */
  readonly applied: readonly string[];
}

const MIGRATIONS = new URL('./migrations/', import.meta.url);
const FILE_NAME = /^(\d{4})_[a-z0-9_]+\.sql$/;
const LOCK_KEY = '4715228402'; // any constant; one per product

/**
 * Brings the schema up to date: each file in its own transaction together with its version row, under an advisory
 * lock, so any number of processes may start at once. Refuses edited history and a database newer than this release.
 */
export async function migrate(options: {
  readonly connectionString: string;
  readonly log?: Log;
  readonly migrations?: readonly Migration[];
}): Promise<MigrationResult> {
  const migrations = options.migrations ?? (await readMigrations());
  return withClient(options.connectionString, 'migrate', async (client) => {
    // Held until the connection closes.
    await client.query(`select pg_advisory_lock(${LOCK_KEY})`);
    await requireRoles(client);
    await client.query(`create table if not exists schema_migrations (
      version int primary key, name text not null, checksum text not null, applied_at timestamptz not null default now())`);
    const pending = await pendingMigrations(client, migrations);
    for (const migration of pending) {
      await apply(client, migration);
      options.log?.info({ migration: migration.name }, 'Applied migration');
    }
    return { version: migrations.at(-1)?.version ?? 0, applied: pending.map(({ name }) => name) };
  });
}

/** The migrations of this release, in order. */
export async function readMigrations(folder: URL = MIGRATIONS): Promise<readonly Migration[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort();
  return Promise.all(
    files.map(async (file, index) => {
      const version = Number(FILE_NAME.exec(file)?.[1]);
      if (version !== index + 1) {
        throw new MigrationError(`Migration ${file} is out of order: expected number ${index + 1}.`);
      }
      const sql = (await readFile(new URL(file, folder), 'utf8')).replaceAll('\r\n', '\n');
      return {
        version,
        name: file.slice(0, -4),
        checksum: createHash('sha256').update(sql).digest('hex'),
        sql,
      };
    }),
  );
}

async function pendingMigrations(
  client: pg.Client,
  migrations: readonly Migration[],
): Promise<readonly Migration[]> {
  const { rows } = await client.query<{ version: number; name: string; checksum: string }>(
    'select version, name, checksum from schema_migrations order by version',
  );
  for (const row of rows) {
    const known = migrations[row.version - 1];
    if (known === undefined) {
      throw new MigrationError(
        `The database is newer than this Farthing: it has migration ${row.name}, this release knows ` +
          `${migrations.length}. Run the release that made it, or a newer one.`,
      );
    }
    if (known.checksum !== row.checksum) {
      throw new MigrationError(
        `Migration ${row.name} was applied to this database with other contents (${row.checksum.slice(0, 12)}) than ` +
          `this release has (${known.checksum.slice(0, 12)}). Applied migrations must never be edited: restore the ` +
          `file and put the change into a new migration.`,
      );
    }
  }
  return migrations.slice(rows.length);
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  try {
    await client.query('begin');
    await client.query(migration.sql);
    await client.query('insert into schema_migrations (version, name, checksum) values ($1, $2, $3)', [
      migration.version,
      migration.name,
      migration.checksum,
    ]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    const reason = error instanceof Error ? error.message : String(error);
    throw new MigrationError(`Migration ${migration.name} failed and was rolled back: ${reason}`, {
      cause: error,
    });
  }
}
