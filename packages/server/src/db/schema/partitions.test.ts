import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../../tests/postgres/test-database.ts';
import { createPartitions, EARLIEST_EVENT_TIME, partitionMonth, partitionName } from './partitions.ts';

describe('partitions', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase();
  });
  afterAll(() => db.drop());

  const partitions = async (): Promise<string[]> => {
    const { rows } = await db.database.asOwner((tx) =>
      tx.query<{ name: string }>(
        `select inhrelid::regclass::text as name from pg_inherits
          where inhparent = 'usage_events'::regclass order by 1`,
      ),
    );
    return rows.map(({ name }) => name);
  };

  test('eight racing processes make each month once', async () => {
    const times = [Date.UTC(2026, 10, 30, 23, 59, 59, 999), Date.UTC(2026, 11, 1), Date.UTC(2020, 0, 1)];
    await Promise.all(Array.from({ length: 8 }, () => createPartitions(db.database).ensure(times)));
    expect(await partitions()).toEqual([
      'usage_events_y2020m01',
      'usage_events_y2026m11',
      'usage_events_y2026m12',
    ]);
  });

  test('a month known to exist costs no transaction', async () => {
    let transactions = 0;
    const known = createPartitions({
      asOwner: (work) => {
        transactions += 1;
        return db.database.asOwner(work);
      },
    });
    await known.ensure([Date.UTC(2026, 0, 1)]);
    await known.ensure([Date.UTC(2026, 0, 31), Date.UTC(2026, 0, 2)]);
    expect(transactions).toBe(1);
    known.forget('2026-01');
    await known.ensure([Date.UTC(2026, 0, 31)]);
    expect(transactions).toBe(2);
  });

  test('a partition has the columns, keys and defaults of its parent, packed: the long ones first, texts last', async () => {
    await createPartitions(db.database).ensure([Date.UTC(2026, 4, 1)]);
    const columns = (table: string, order: string) =>
      db.database.asOwner(async (tx) => {
        const { rows } = await tx.query<{ column: string }>(
          `select concat_ws(' ', attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid)) as column
             from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
            where attrelid = $1::regclass and attnum > 0 and not attisdropped order by ${order}`,
          [table],
        );
        return rows.map(({ column }) => column);
      });
    const made = 'usage_events_y2026m05';
    expect(await columns(made, 'attname')).toEqual(await columns('usage_events', 'attname'));
    expect(await columns(made, "attlen < 0, array_position('{d,i,s,c}', attalign::text), attnum")).toEqual(
      await columns(made, 'attnum'),
    );
    const { rows } = await db.database.asOwner((tx) =>
      tx.query<{ indexes: number; own: number }>(
        `select count(*)::int as indexes, (count(*) filter (where indrelid = $1::regclass))::int as own
           from pg_index where indrelid in ('usage_events'::regclass, $1::regclass)`,
        [made],
      ),
    );
    expect(rows[0]?.own).toBe((rows[0]?.indexes ?? 0) / 2);
  });

  test('an event before the lower bound is refused', () => {
    expect(() => partitionMonth(EARLIEST_EVENT_TIME - 1)).toThrow('before 2020-01-01');
    expect(() => partitionMonth(Number.NaN)).toThrow();
    expect(partitionMonth(EARLIEST_EVENT_TIME)).toBe('2020-01');
  });

  test('every time falls into the partition named after its UTC month', () => {
    fc.assert(
      fc.property(
        fc.date({
          min: new Date(EARLIEST_EVENT_TIME),
          max: new Date('2099-12-31T23:59:59Z'),
          noInvalidDate: true,
        }),
        (time) => {
          const [, year, month] =
            /y(\d{4})m(\d{2})$/.exec(partitionName(partitionMonth(time.getTime()))) ?? [];
          expect([Number(year), Number(month)]).toEqual([time.getUTCFullYear(), time.getUTCMonth() + 1]);
        },
      ),
    );
  });
});
