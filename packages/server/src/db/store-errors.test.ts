import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/postgres/test-database.ts';
import { writeRound } from '../record/feed/recent-commit-store.ts';
import { createDatabase } from './database.ts';
import { isStoreUnavailable, sqlState } from './store-errors.ts';

const silent = { info() {}, warn() {}, error() {} };
const caught = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

describe('what the database does when things go wrong', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase();
  });
  afterAll(() => db.drop());

  test('a refused connection means the store is away', async () => {
    const away = createDatabase({ connectionString: 'postgres://x:y@127.0.0.1:1/z', log: silent });
    expect(isStoreUnavailable(await caught(away.asWriter((tx) => tx.query('select 1'))))).toBe(true);
    expect(await away.health()).toMatchObject({ ok: false, latencyMs: null });
    await away.close();
  });

  test('a connection killed within its transaction means the store is away, and the next one works', async () => {
    const error = await caught(
      db.database.asOwner(async (tx) => {
        await tx.query('select pg_terminate_backend(pg_backend_pid())');
      }),
    );
    expect(isStoreUnavailable(error)).toBe(true);
    expect((await db.database.asOwner((tx) => tx.query('select 1 as one'))).rows).toEqual([{ one: 1 }]);
  });

  test('more work than connections waits, and past the limit means the store is away', async () => {
    const narrow = createDatabase({
      connectionString: db.connectionString,
      max: 2,
      connectTimeoutMs: 100,
      log: silent,
    });
    let free: (() => void) | undefined;
    const held = narrow.asWriter(
      () =>
        new Promise<void>((resolve) => {
          free = resolve;
        }),
    );
    expect(isStoreUnavailable(await caught(narrow.asWriter((tx) => tx.query('select 1'))))).toBe(true);
    // Readers have connections of their own.
    expect((await narrow.asReader('default', (tx) => tx.query('select id from tenants'))).rows).toHaveLength(
      1,
    );
    free?.();
    await held;
    await narrow.close();
  });

  test('a statement past its time limit means the store is away', async () => {
    const slow = createDatabase({
      connectionString: db.connectionString,
      statementTimeoutMs: 50,
      log: silent,
    });
    const error = await caught(slow.asOwner((tx) => tx.query('select pg_sleep(10)')));
    expect(sqlState(error)).toBe('57014');
    expect(isStoreUnavailable(error)).toBe(true);
    await slow.close();
  });

  test('a statement that is wrong does not', async () => {
    for (const [sql, state] of [
      ['select 1 / 0', '22012'],
      ['selekt', '42601'],
      ["insert into tenants (id, name) values ('default', 'again')", '23505'],
    ] as const) {
      const error = await caught(db.database.asOperator((tx) => tx.query(sql)));
      expect([sqlState(error), isStoreUnavailable(error)]).toEqual([state, false]);
    }
  });

  test('a swallowed error does not pass for a commit', async () => {
    const work = db.database.asOwner(async (tx) => {
      await caught(tx.query('select 1 / 0'));
    });
    await expect(work).rejects.toThrow('The transaction was rolled back');
  });

  test('amounts, counts and days keep every digit', async () => {
    const { rows } = await db.database.asOwner((tx) =>
      tx.query(
        `select 12345678901234567890.123456789012::numeric as amount, 9007199254740993::int8 as count,
                '2026-11-01'::date as day, array[0.1, 0.2]::numeric[] as amounts, array[9007199254740993] as counts,
                '2026-11-01T00:00:00.123Z'::timestamptz as at`,
      ),
    );
    expect(rows).toEqual([
      {
        amount: '12345678901234567890.123456789012',
        count: '9007199254740993',
        day: '2026-11-01',
        amounts: ['0.1', '0.2'],
        counts: ['9007199254740993'],
        at: new Date('2026-11-01T00:00:00.123Z'),
      },
    ]);
  });

  test('a listener hears again after its connection was lost', async () => {
    let heard = 0;
    const stop = await db.database.listen('events', () => {
      heard += 1;
    });
    const notify = () => db.database.asWriter((tx) => writeRound(tx, new Map()));
    await notify();
    await expect.poll(() => heard).toBeGreaterThan(0);
    await db.database.asOwner((tx) =>
      tx.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where application_name = 'farthing listen' and datname = current_database()`,
      ),
    );
    // The reconnect wakes it too; the point is that it receives notices again.
    const before = heard;
    await expect
      .poll(
        async () => {
          await notify();
          return heard;
        },
        { timeout: 15_000 },
      )
      .toBeGreaterThan(before + 1);
    stop();
  });
});
