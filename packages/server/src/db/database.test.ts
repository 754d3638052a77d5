import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/postgres/test-database.ts';

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
});
