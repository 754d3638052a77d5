import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../../tests/postgres/test-database.ts';
import { MigrationError, migrate, readMigrations } from './migrate.ts';

describe('migrate', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase({ empty: true });
  });
  afterAll(() => db.drop());

  test('eight migrators at once apply each file once', async () => {
    const all = await readMigrations();
    const runs = await Promise.all(
      Array.from({ length: 8 }, () => migrate({ connectionString: db.connectionString })),
    );
    expect(runs.flatMap(({ applied }) => applied).sort()).toEqual(all.map(({ name }) => name));
    expect(runs.map(({ version }) => version)).toEqual(runs.map(() => all.length));
  });

  test('a failing migration leaves nothing behind', async () => {
    const all = await readMigrations();
    const broken = {
      version: all.length + 1,
      name: '9999_broken',
      checksum: 'x',
      sql: 'create table left_behind (); select 1/0',
    };
    await expect(
      migrate({ connectionString: db.connectionString, migrations: [...all, broken] }),
    ).rejects.toThrow('Migration 9999_broken failed and was rolled back: division by zero');
    const { rows } = await db.database.asOwner((tx) =>
      tx.query("select to_regclass('left_behind') as found, (select count(*) from schema_migrations) as n"),
    );
    expect(rows).toEqual([{ found: null, n: String(all.length) }]);
  });

  test('edited history is refused', async () => {
    const [first, ...rest] = await readMigrations();
    if (first === undefined) throw new Error('no migrations');
    const edited = [{ ...first, checksum: 'edited' }, ...rest];
    await expect(migrate({ connectionString: db.connectionString, migrations: edited })).rejects.toThrow(
      /0001_ledger was applied to this database with other contents/,
    );
  });

  test('a database newer than the release is refused', async () => {
    const run = migrate({ connectionString: db.connectionString, migrations: [] });
    await expect(run).rejects.toThrow(MigrationError);
    await expect(run).rejects.toThrow(/The database is newer than this Farthing/);
  });

  test('a login without rights is told the SQL to run, and that SQL is enough', async () => {
    const other = await createTestDatabase({ empty: true });
    const login = `plain_${process.pid}`;
    try {
      await other.database.asOwner((tx) => tx.query(`create role ${login} login password 'x'`));
      const url = new URL(other.connectionString);
      url.username = login;
      url.password = 'x';
      const refused = await migrate({ connectionString: url.href }).catch((error: Error) => error);
      expect(refused).toBeInstanceOf(Error);
      const sql = [...String(refused).matchAll(/^ {2}(.*;)$/gm)].map(([, line]) => line);
      expect(sql).toContain(`grant farthing_reader to "${login}" with inherit false, set true;`);
      const admin = new pg.Client({ connectionString: other.connectionString });
      await admin.connect();
      for (const line of sql) await admin.query(String(line));
      await admin.end();
      const { applied } = await migrate({ connectionString: url.href });
      expect(applied[0]).toBe('0001_ledger');
    } finally {
      await other.drop();
      await db.database.asOwner((tx) => tx.query(`drop role if exists ${login}`));
    }
  });
});
