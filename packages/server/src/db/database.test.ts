import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/postgres/test-database.ts';
import { createDatabase } from './database.ts';

describe('database', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase();
  });
  afterAll(() => db.drop());

  test('a transaction runs under its role', async () => {
    const ask = 'select current_user as role';
    const roles = await Promise.all([
      db.database.asReader('default', (tx) => tx.query<{ role: string }>(ask)),
      db.database.asOperator((tx) => tx.query<{ role: string }>(ask)),
      db.database.asWriter((tx) => tx.query<{ role: string }>(ask)),
      db.database.asOwner((tx) => tx.query<{ role: string }>(ask)),
    ]);
    expect(roles.map(({ rows }) => rows[0]?.role)).toEqual([
      'farthing_reader',
      'farthing_operator',
      'farthing_writer',
      'farthing',
    ]);
  });

  test('a reader without a tenant sees every tenant’s rows, and changes nothing', async () => {
    const { rows } = await db.database.asReader(null, (tx) =>
      tx.query<{ role: string }>('select current_user as role'),
    );
    expect(rows).toEqual([{ role: 'farthing_operator' }]);
    await expect(
      db.database.asReader(null, (tx) => tx.query("insert into tenants (id, name) values ('x', 'x')")),
    ).rejects.toMatchObject({ code: '25006' });
  });

  test('a read is bounded with all its statements, and its connection is not used again', async () => {
    const database = createDatabase({
      connectionString: db.connectionString,
      max: 2,
      statementTimeoutMs: 400,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    });
    const backends = new Set<number>();
    const read = (sleeps: number) =>
      database.asReader('default', async (tx) => {
        const { rows } = await tx.query<{ id: number }>('select pg_backend_pid() as id');
        for (const { id } of rows) backends.add(id);
        for (let n = 0; n < sleeps; n++) await tx.query('select pg_sleep(0.15)');
      });
    try {
      await expect(read(20)).rejects.toMatchObject({ code: 'overloaded', retryAfter: 30 });
      await read(0);
      expect(backends.size).toBe(2);
    } finally {
      await database.close();
    }
  });
});
