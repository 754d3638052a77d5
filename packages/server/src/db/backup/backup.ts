/** The whole ledger into one file: one consistent snapshot, while the server goes on writing. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { PassThrough, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { withClient } from '../client.ts';
import { encodeLine } from './backup-file.ts';
import { listTables, type Table } from './tables.ts';

export interface BackupResult {
  readonly schema: number;
  /** Rows by table. */
  readonly rows: { readonly [table: string]: number };
}

/**
 * Writes every table of the ledger into `file` (gzip, mode 0600). Refuses a file that exists, and a login that row-level
 * security would hide rows from. The file appears under its name only when it is complete and on disk.
 */
export async function backup(options: {
  readonly connectionString: string;
  readonly file: string;
}): Promise<BackupResult> {
  const { file } = options;
  if ((await stat(file).catch(() => null)) !== null)
    throw new Error(`${file} exists already; choose another name.`);
  const partial = `${file}.partial`;
  try {
    const result = await withClient(options.connectionString, 'backup', async (client) => {
      await client.query('begin isolation level repeatable read, read only');
      const about = await describe(client);
      await takeWholeView(client);
      return writeFile(client, partial, about);
    });
    await rename(partial, file);
    return result;
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

async function writeFile(client: pg.Client, file: string, about: About): Promise<BackupResult> {
  const input = new PassThrough();
  const written = pipeline(
    input,
    createGzip({ level: 6 }),
    createWriteStream(file, { mode: 0o600, flush: true }),
  );
  try {
    const { schema, months } = about;
    await write(
      input,
      encodeLine({ format: 'farthing-backup', version: 1, schema, madeAt: new Date().toISOString(), months }),
    );
    const rows: { [table: string]: number } = {};
    for (const table of await listTables(client)) rows[table.name] = await writeTable(client, table, input);
    input.end(encodeLine({ complete: true }));
    await written;
    return { schema, rows };
  } catch (error) {
    input.destroy();
    await written.catch(() => undefined);
    throw error;
  }
}

async function writeTable(client: pg.Client, table: Table, output: PassThrough): Promise<number> {
  await write(output, encodeLine({ table: table.name, columns: table.columns }));
  const columns = table.columns.map((column) => pg.escapeIdentifier(column)).join(', ');
  const copy = client.query(
    copyTo(`copy (select ${columns} from ${pg.escapeIdentifier(table.name)}) to stdout`),
  );
  const hash = createHash('sha256');
  for await (const chunk of copy as AsyncIterable<Buffer>) {
    hash.update(chunk);
    await write(output, encodeLine({ bytes: chunk.length }));
    await write(output, chunk);
  }
  await write(output, encodeLine({ end: table.name, rows: copy.rowCount, sha256: hash.digest('hex') }));
  return copy.rowCount;
}

async function write(output: Writable, bytes: Buffer): Promise<void> {
  if (output.destroyed) throw output.errored ?? new Error('The backup file could not be written.');
  if (output.write(bytes)) return;
  await new Promise<void>((resolve, reject) => {
    const settle = (error?: Error | null) => {
      output.off('drain', settle).off('close', closed);
      if (error) reject(error);
      else resolve();
    };
    const closed = () => settle(output.errored ?? new Error('The backup file could not be written.'));
    output.once('drain', settle).once('close', closed);
  });
}

interface About {
  readonly schema: number;
  readonly months: string[];
}

async function describe(client: pg.Client): Promise<About> {
  const version = await client.query<{ version: number }>(
    'select coalesce(max(version), 0)::int as version from schema_migrations',
  );
  const partitions = await client.query<{ month: string }>(
    `select regexp_replace(relname, '^usage_events_y(\\d{4})m(\\d{2})$', '\\1-\\2') as month
       from pg_inherits join pg_class c on c.oid = inhrelid
      where inhparent = 'usage_events'::regclass order by 1`,
  );
  return { schema: version.rows[0]?.version ?? 0, months: partitions.rows.map(({ month }) => month) };
}

/**
 * Row-level security would silently leave rows out of a backup taken by a login without the operator role; the owner of
 * the tables switches to it.
 */
async function takeWholeView(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ whole: boolean; may_switch: boolean; unwatched: string | null }>(
    `select s.rolsuper or s.rolbypassrls as whole,
            pg_has_role(current_user, 'farthing_operator', case when current_setting('server_version_num')::int >= 160000
                                                                then 'set' else 'member' end) as may_switch,
            (select string_agg(c.relname, ', ') from pg_class c
              where c.relnamespace = current_schema()::regnamespace and c.relrowsecurity and not c.relispartition
                and not exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'operator')) as unwatched
       from pg_roles s where s.rolname = current_user`,
  );
  const [found] = rows;
  if (found === undefined || !(found.whole || found.may_switch)) {
    throw new Error('This login would not see every row: connect as the role that owns the tables.');
  }
  if (found.unwatched !== null)
    throw new Error(`Tables without a policy for the operator: ${found.unwatched}.`);
  if (!found.whole) await client.query('set local role farthing_operator');
}
