/** Numbered, forward-only, checksummed SQL migrations. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type pg from 'pg';
import { withClient } from '../client.ts';
import type { Log } from '../log.ts';
import { sqlState } from '../store-errors.ts';
import { transactionOn } from '../tx.ts';
import { endReportingSessions } from './reporting-sessions.ts';
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
  override readonly name = 'MigrationError';
}

export interface MigrationResult {
  /** Schema version after the run. */
  readonly version: number;
  /** Names of what this run applied; empty when the schema was up to date (or another process was faster). */
  readonly applied: readonly string[];
}

const MIGRATIONS = new URL('../migrations/', import.meta.url);
const FILE_NAME = /^(\d{4})_[a-z0-9_]+\.sql$/;
/** How long a start waits for another process that migrates. */
const OTHER_MIGRATOR_MS = 600_000;
/**
 * Longest single wait for this lock, and for the tables of a migration: sessions queued behind it at a table wait as
 * long.
 */
const LOCK_TIMEOUT_MS = 3_000;

/**
 * Brings the schema up to date: each file in its own transaction together with its version row, under a lock of
 * `schema_migrations` that only its owner may take, so any number of processes may start at once. No wait is endless:
 * reporting sessions that block a migration are ended, and other blocking sessions are named in the error. Refuses a
 * migration that was edited after it ran, and a database newer than this release.
 */
export async function migrate(options: {
  readonly connectionString: string;
  readonly log?: Log;
  readonly migrations?: readonly Migration[];
  /** Tries of a migration that could not lock its tables within three seconds. Default 10. */
  readonly lockAttempts?: number;
}): Promise<MigrationResult> {
  const { log, lockAttempts = 10 } = options;
  const migrations = options.migrations ?? (await readMigrations());
  return withClient(options.connectionString, 'migrate', async (client) => {
    await requireRoles(client);
    await createVersionTable(client);
    const applied: string[] = [];
    for (;;) {
      const migration = await applyNext(client, migrations, { log, lockAttempts });
      if (migration === null) return { version: migrations.at(-1)?.version ?? 0, applied };
      applied.push(migration.name);
      log?.info({ migration: migration.name }, 'Applied migration');
    }
  });
}

/** When several processes create it at once, all but one get the error that it exists. */
async function createVersionTable(client: pg.Client): Promise<void> {
  try {
    await client.query(`create table if not exists schema_migrations (
      version int primary key, name text not null, checksum text not null, applied_at timestamptz not null default now())`);
  } catch (error) {
    if (!['23505', '42P07', '42710'].includes(sqlState(error) ?? '')) throw error;
  }
}

/** Applies the first migration that is missing; null when none is. */
async function applyNext(
  client: pg.Client,
  migrations: readonly Migration[],
  { log, lockAttempts }: { readonly log: Log | undefined; readonly lockAttempts: number },
): Promise<Migration | null> {
  for (let attempt = 1; ; attempt++) {
    await beginAlone(client, log);
    let next: Migration | undefined;
    try {
      [next] = await pendingMigrations(client, migrations);
      if (next !== undefined) await apply(client, next);
      await client.query('commit');
      return next ?? null;
    } catch (error) {
      await client.query('rollback').catch(() => undefined);
      if (next === undefined) throw error;
      if (sqlState(error) !== '55P03') throw failed(next, error);
      const others = await clearTheWay(client);
      if (attempt === lockAttempts) throw failed(next, error, others);
    }
  }
}

const failed = ({ name }: Migration, cause: unknown, others = ''): MigrationError => {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new MigrationError(`Migration ${name} failed and was rolled back: ${reason}${others}`, { cause });
};

/** Begins a transaction that excludes other migrators. */
async function beginAlone(client: pg.Client, log: Log | undefined): Promise<void> {
  const deadline = performance.now() + OTHER_MIGRATOR_MS;
  for (let told = false; ; ) {
    await client.query('begin');
    try {
      await client.query(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
      await client.query('lock table schema_migrations in share row exclusive mode');
      return;
    } catch (error) {
      await client.query('rollback').catch(() => undefined);
      if (sqlState(error) !== '55P03') throw error;
      if (performance.now() > deadline) {
        throw new MigrationError(
          `Another process has been migrating this database for ${OTHER_MIGRATOR_MS / 60_000} minutes. ` +
            'Let it finish, or end it, and start again.',
          { cause: error },
        );
      }
      if (!told) log?.info({}, 'Another process migrates the database, waiting for it');
      told = true;
    }
  }
}

/** Ends reporting sessions that are in a transaction; answers who else is in one, for the message. */
async function clearTheWay(client: pg.Client): Promise<string> {
  const { rows: found } = await client.query<{ logins: boolean }>(
    `select to_regclass('reporting_logins') is not null as logins`,
  );
  if (found[0]?.logins === true) {
    await client.query('begin');
    await client.query('set local role farthing_operator');
    await endReportingSessions(transactionOn(client), { transactionMs: 0 });
    await client.query('commit');
  }
  const { rows } = await client.query<{ who: string }>(
    `select format('%s (%s, process %s)', usename, coalesce(nullif(application_name, ''), 'no name'), pid) as who
       from pg_stat_activity a
      where datname = current_database() and pid <> pg_backend_pid()
        and exists (select from pg_locks k where k.pid = a.pid and k.locktype = 'relation' and k.granted)
      order by pid limit 5`,
  );
  return rows.length === 0
    ? ''
    : `. In the way may be: ${rows.map(({ who }) => who).join(', ')}. End them, or wait, and start again`;
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

async function apply(client: pg.Client, { sql, version, name, checksum }: Migration): Promise<void> {
  const old = version <= LAST_WITH_OPERATORS_RIGHTS;
  if (old) await letOperatorRunBlocks(client);
  const blind = old ? await tablesWithoutSight(client) : [];
  for (const table of blind) await client.query(`alter table ${table} no force row level security`);
  await client.query(sql);
  for (const table of blind) await client.query(`alter table ${table} force row level security`);
  await client.query('insert into schema_migrations (version, name, checksum) values ($1, $2, $3)', [
    version,
    name,
    checksum,
  ]);
}

/** Up to this one, migrations were written for an owner that has the operator's rights without switching to it. */
const LAST_WITH_OPERATORS_RIGHTS = 12;

/** Tables whose rows row-level security hides from this login, which owns them. */
async function tablesWithoutSight(client: pg.Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select quote_ident(c.relname) as name from pg_class c join pg_roles r on r.rolname = 'farthing_operator'
      where c.relnamespace = current_schema()::regnamespace and c.relforcerowsecurity and not c.relispartition
        and not pg_has_role(current_user, r.oid, 'usage')`,
  );
  return rows.map(({ name }) => name);
}

/** Some of them run blocks as operator, where the public may have been forbidden to. */
async function letOperatorRunBlocks(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ lacks: boolean }>(
    `select not has_language_privilege(oid, 'plpgsql', 'usage') as lacks from pg_roles where rolname = 'farthing_operator'`,
  );
  if (rows[0]?.lacks === true) await client.query('grant usage on language plpgsql to farthing_operator');
}
