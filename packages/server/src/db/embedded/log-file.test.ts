import { appendFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { insertEvent } from '../../../../../tests/postgres/sample-events.ts';
import { createDatabase } from '../database.ts';
import { migrate } from '../schema/migrate.ts';
import { createPartitions } from '../schema/partitions.ts';
import { boundLogFile } from './log-file.ts';
import { openEmbedded } from './open.ts';

const silent = { info() {}, warn() {}, error() {} };
const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

async function folder(): Promise<string> {
  const made = await mkdtemp(path.join(os.tmpdir(), 'farthing-log-'));
  folders.push(made);
  return made;
}

const CANARY = 'canary-8b1d';

test('PostgreSQL’s log keeps no event: not of slow, failing, refused or broken statements', async () => {
  const dataDir = await folder();
  const postgres = await openEmbedded({ dataDir, log: silent, settings: { fsync: 'off' } });
  const { connectionString } = postgres;
  await migrate({ connectionString });
  const database = createDatabase({ connectionString, log: silent });
  const refused = async (work: Promise<unknown>) => expect(work).rejects.toThrow();
  try {
    const time = '2026-11-05T00:00:00Z';
    await createPartitions(database).ensure([Date.parse(time)]);
    const event = { tenant: 'default', id: CANARY, time, cost: '1' };
    await database.asWriter((tx) => insertEvent(tx, event));
    // A slow statement of the server, with values: the log may hold the statement but not the values.
    await database.asOwner((tx) => tx.query('select $1::text, pg_sleep(2.2)', [CANARY]));
    await refused(database.asWriter((tx) => insertEvent(tx, event))); // unique: its DETAIL names the key
    await refused(
      database.asWriter((tx) => tx.query('insert into agents (tenant_id, name) values ($1, $1)', [CANARY])),
    ); // foreign key
    await refused(database.asOwner((tx) => tx.query('select $1::text::int', [CANARY]))); // the message quotes the value
    await refused(database.asOwner((tx) => tx.query(`select '${CANARY}' from nowhere`))); // the text holds it
    await refused(database.asOwner((tx) => tx.query('select $1::jsonb', [`{"${CANARY}`]))); // its CONTEXT
    await refused(
      database.asOwner((tx) => tx.query(`do $$ begin raise exception using message = '${CANARY}'; end $$`)),
    );
    // A session that dies in the middle of its statement.
    await refused(
      database.asOwner((tx) => tx.query('select pg_terminate_backend(pg_backend_pid()), $1::text', [CANARY])),
    );
    const admin = new pg.Client({ connectionString: postgres.adminPsql });
    await admin.connect();
    await admin.query(`select '${CANARY}', pg_sleep(2.2)`); // a person's psql
    await admin.end();
  } finally {
    await database.close();
    await postgres.stop();
  }
  const file = path.join(dataDir, 'postgres.log');
  const log = await readFile(file, 'utf8');
  expect(log.split('\n').filter((line) => line.includes(CANARY))).toEqual([]);
  expect(log).toMatch(/duration: \d+/); // slow statements are logged
  expect((await stat(file)).mode & 0o777).toBe(0o600);
}, 60_000);

test('the log is bounded while something goes on writing to it', async () => {
  const file = path.join(await folder(), 'postgres.log');
  for (let round = 0; round < 30; round++) {
    await appendFile(file, `${String(round).padStart(99, '.')}\n`);
    await boundLogFile(file, 1_000);
  }
  expect((await stat(file)).size).toBeLessThanOrEqual(1_000);
  expect((await stat(`${file}.1`)).size).toBeLessThanOrEqual(1_100);
  expect(await readFile(file, 'utf8')).toContain('.29\n');
  expect((await stat(`${file}.1`)).mode & 0o777).toBe(0o600);
});
