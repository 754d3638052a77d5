import { parseUsd } from '@farthing/pricing';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/postgres/test-database.ts';
import { RowWriter, rowArray } from './binary-rows.ts';

let store: TestDatabase;
beforeAll(async () => {
  store = await createTestDatabase();
  await store.database.asOwner((tx) =>
    tx.query(
      'create type probe as (t text, n bigint, p numeric, at timestamptz, d date, f float8, j jsonb, u uuid, b bytea)',
    ),
  );
});
afterAll(() => store.drop());

const row = fc.record({
  t: fc.option(fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'))),
  n: fc.maxSafeInteger(),
  p: fc.option(fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n })),
  at: fc.date({ min: new Date('1900-01-01'), max: new Date('2200-01-01'), noInvalidDate: true }),
  f: fc.option(fc.double({ noNaN: true })),
  u: fc.option(fc.uuid()),
  b: fc.uint8Array(),
});

test('every value comes back from Postgres as it was written', async () => {
  const oid = await store.database.asOwner(async (tx) => {
    const { rows } = await tx.query<{ oid: string }>(`select 'probe'::regtype::oid::text as oid`);
    return Number(rows[0]?.oid);
  });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 30 }), async (given) => {
      const writer = new RowWriter(64);
      const rows = given.map(({ t, n, p, at, f, u, b }) => {
        writer.begin(9);
        writer.text(t);
        writer.int8(n);
        writer.picos(p);
        writer.timestamptz(at.getTime());
        writer.date(Math.floor(at.getTime() / 86_400_000));
        writer.float8(f);
        writer.jsonb(t === null ? null : JSON.stringify({ t }));
        writer.uuid(u);
        writer.bytea(Buffer.from(b));
        return writer.end();
      });
      const result = await store.database.asOwner((tx) =>
        tx.query<Record<string, unknown>>('select * from unnest($1::probe[])', [rowArray(oid, rows)]),
      );
      const back = result.rows.map((one) => ({
        ...one,
        p: one['p'] === null ? null : parseUsd(String(one['p'])),
      }));
      expect(back).toEqual(
        given.map(({ t, n, p, at, f, u, b }) => ({
          t,
          n: String(n),
          p,
          at,
          d: at.toISOString().slice(0, 10),
          f: f === 0 ? expect.closeTo(0) : f,
          j: t === null ? null : { t },
          u,
          b: Buffer.from(b),
        })),
      );
    }),
    { numRuns: 60 },
  );
});
