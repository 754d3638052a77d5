/** A backup back into a database: all of it, checked, or nothing. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { withClient } from '../client.ts';
import { migrate, readMigrations } from '../schema/migrate.ts';
import { createPartitionTables, type Month } from '../schema/partitions.ts';
import { transactionOn } from '../tx.ts';
import { BackupFileError, type BackupHeader, BackupReader, type TableStart } from './backup-file.ts';
import { listTables, type Table } from './tables.ts';

export interface RestoreResult {
  readonly schema: number;
  /** Rows by table. */
  readonly rows: { readonly [table: string]: number };
}

/** Rows that a server creates without recording anything, such as at its first start: the backup's rows replace them. */
const MADE_AT_START = new Set([
  'tenants',
  'api_keys',
  'audit_log',
  'audit_chain',
  'audit_head',
  'agent_defaults',
  'job_states',
  'invariant_checks',
]);

/**
 * Loads a backup in one transaction and verifies each table's row count and checksum. Refuses a ledger that holds
 * anything, unless `force` is set: then what it holds is **deleted** first. A database that was never migrated is
 * brought to the backup's schema, loaded, and then to this release's, so a backup of an older release can be read.
 */
export async function restore(options: {
  readonly connectionString: string;
  readonly file: string;
  readonly force?: boolean;
}): Promise<RestoreResult> {
  const { connectionString, file } = options;
  const packed = createReadStream(file);
  const unpacked = createGunzip();
  packed.on('error', (error) => unpacked.destroy(error));
  unpacked.on('error', () => undefined); // the reader meets it when it gets there
  packed.pipe(unpacked);
  const reader = new BackupReader(unpacked);
  try {
    const result = await withClient(connectionString, 'restore', async (client) => {
      const header = readHeader(await reader.line());
      await matchSchema(client, header, connectionString);
      await client.query('begin');
      const rows = await load(client, reader, { header, force: options.force === true });
      await client.query('commit');
      return { schema: header.schema, rows };
    });
    await migrate({ connectionString });
    return result;
  } finally {
    unpacked.destroy();
    packed.destroy();
  }
}

function readHeader(line: unknown): BackupHeader {
  const header = line as Partial<BackupHeader>;
  if (header.format !== 'farthing-backup') throw new BackupFileError('This is no backup of Farthing.');
  if (header.version !== 1) {
    throw new BackupFileError(`The backup has format ${header.version}; this release reads format 1.`);
  }
  return header as BackupHeader;
}

async function matchSchema(client: pg.Client, header: BackupHeader, connectionString: string): Promise<void> {
  const migrations = await readMigrations();
  if (header.schema > migrations.length) {
    throw new BackupFileError(
      `The backup has schema ${header.schema}, this release knows ${migrations.length}. Restore it with a newer release.`,
    );
  }
  const { rows } = await client.query<{ found: string | null }>(
    "select to_regclass('schema_migrations') as found",
  );
  if (rows[0]?.found == null) {
    await migrate({ connectionString, migrations: migrations.slice(0, header.schema) });
    return;
  }
  const version = await client.query<{ n: number }>('select max(version)::int as n from schema_migrations');
  if (version.rows[0]?.n === header.schema) return;
  throw new BackupFileError(
    `The backup has schema ${header.schema}, the database ${version.rows[0]?.n ?? 0}. Restore into a new, empty database ` +
      'that was not migrated yet: it is brought to the backup’s schema first and to this release’s afterwards.',
  );
}

async function load(
  client: pg.Client,
  reader: BackupReader,
  options: { readonly header: BackupHeader; readonly force: boolean },
): Promise<{ [table: string]: number }> {
  const tables = await listTables(client);
  if (!options.force) await requireEmpty(client, tables);
  const names = tables.map(({ name }) => pg.escapeIdentifier(name)).join(', ');
  await client.query(`truncate ${names}`);
  await createPartitionTables(transactionOn(client), options.header.months as Month[]);
  const rows: { [table: string]: number } = {};
  for (;;) {
    const line = await reader.line();
    if ('complete' in line) break;
    if (!('table' in line)) throw new BackupFileError('The backup is damaged: a table was expected.');
    const table = tables.find(({ name }) => name === line.table);
    if (table === undefined)
      throw new BackupFileError(`The backup has a table ${line.table} that this schema has not.`);
    rows[table.name] = await loadTable(client, reader, { table, start: line });
  }
  return rows;
}

/** As operator: the tables' own role sees no row of them, and would take a full ledger for an empty one. */
async function requireEmpty(client: pg.Client, tables: readonly Table[]): Promise<void> {
  await client.query('set local role farthing_operator');
  for (const { name } of tables) {
    if (MADE_AT_START.has(name)) continue;
    const { rows } = await client.query<{ found: boolean }>(
      `select exists (select from ${pg.escapeIdentifier(name)}) as found`,
    );
    if (rows[0]?.found === true) {
      throw new Error(
        `The database is not empty (table ${name}). Restore into an empty one, or with --force delete what it holds.`,
      );
    }
  }
  await client.query('reset role');
}

async function loadTable(
  client: pg.Client,
  reader: BackupReader,
  options: { readonly table: Table; readonly start: TableStart },
): Promise<number> {
  const { table, start } = options;
  const name = pg.escapeIdentifier(table.name);
  // COPY FROM refuses tables with row-level security in force; the owner may lift it, for this transaction alone.
  if (table.forcesRowSecurity) await client.query(`alter table ${name} no force row level security`);
  // Rows that triggers derive from these are in the backup as well.
  await client.query(`alter table ${name} disable trigger user`);
  const columns = start.columns.map((column) => pg.escapeIdentifier(column)).join(', ');
  const copy = client.query(copyFrom(`copy ${name} (${columns}) from stdin`));
  const done = finished(copy);
  done.catch(() => undefined); // reported below, whichever fails first
  const hash = createHash('sha256');
  let expected: { readonly rows: number; readonly sha256: string };
  try {
    for (;;) {
      const line = await reader.line();
      if ('end' in line) {
        expected = line;
        break;
      }
      if (!('bytes' in line)) throw new BackupFileError(`The backup is damaged in table ${table.name}.`);
      for await (const piece of reader.frame(line.bytes)) {
        hash.update(piece);
        if (!copy.write(piece)) await Promise.race([once(copy, 'drain'), done]);
      }
    }
  } catch (error) {
    copy.destroy();
    await done.catch(() => undefined);
    throw error;
  }
  copy.end();
  await done;
  if (copy.rowCount !== expected.rows || hash.digest('hex') !== expected.sha256) {
    throw new BackupFileError(
      `The backup is damaged: table ${table.name} should have ${expected.rows} rows, ${copy.rowCount} arrived.`,
    );
  }
  for (const column of table.identity) {
    await client.query(
      `select setval(pg_get_serial_sequence($1, $2), coalesce(max(${pg.escapeIdentifier(column)}), 0) + 1, false) from ${name}`,
      [table.name, column],
    );
  }
  await client.query(`alter table ${name} enable trigger user`);
  if (table.forcesRowSecurity) await client.query(`alter table ${name} force row level security`);
  return expected.rows;
}
