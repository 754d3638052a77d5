import { parseUsd } from '@farthing/pricing';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/postgres/test-database.ts';
import { RowWriter } from './binary-rows.ts';
import { rowArray } from './row-array.ts';

let store: TestDatabase;
beforeAll(async () => {
  store = await createTestDatabase();
  await store.database.asOwner((tx) =>
    tx.query(
      'create type probe as (t text, n bigint, p numeric, at timestamptz, d date, f float8, j jsonb, u uuid, b bytea, a bigint[])',
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
  a: fc.record({
    first: fc.integer({ min: -3, max: 40 }),
    values: fc.array(fc.option(fc.maxSafeInteger()), { maxLength: 12 }),
  }),
});

type Row = typeof row extends fc.Arbitrary<infer Given> ? Given : never;

function write(writer: RowWriter, { t, n, p, at, f, u, b, a }: Row): void {
  writer.begin(10);
  writer.text(t);
  writer.int8(n);
  writer.picos(p);
  writer.timestamptz(at.getTime());
  writer.date(Math.floor(at.getTime() / 86_400_000));
  writer.float8(f);
  writer.jsonb(t === null ? null : JSON.stringify({ t }));
  writer.uuid(u);
  writer.bytea(Buffer.from(b));
  writer.int8Array(a.first, a.values);
}

test('every value comes back from Postgres as it was written, row by row or as one array', async () => {
  const oid = await store.database.asOwner(async (tx) => {
    const { rows } = await tx.query<{ oid: string }>(`select 'probe'::regtype::oid::text as oid`);
    return Number(rows[0]?.oid);
  });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 30 }), async (given) => {
      const single = new RowWriter(64);
      const rows = given.map((one) => {
        write(single, one);
        return single.end();
      });
      const together = new RowWriter(64);
      together.beginArray(oid);
      for (const one of given) {
        write(together, one);
        together.endRow();
      }
      const array = rowArray(oid, rows);
      expect(together.endArray().equals(array)).toBe(true);
      const result = await store.database.asOwner((tx) =>
        tx.query<Record<string, unknown>>('select *, array_lower(a, 1) as first from unnest($1::probe[])', [
          array,
        ]),
      );
      const back = result.rows.map((one) => ({
        ...one,
        p: one['p'] === null ? null : parseUsd(String(one['p'])),
      }));
      expect(back).toEqual(
        given.map(({ t, n, p, at, f, u, b, a }) => ({
          t,
          n: String(n),
          p,
          at,
          d: at.toISOString().slice(0, 10),
          f: f === 0 ? expect.closeTo(0) : f,
          j: t === null ? null : { t },
          u,
          b: Buffer.from(b),
          a: a.values.length === 0 ? null : a.values.map((value) => (value === null ? null : String(value))),
          first: a.values.length === 0 ? null : a.first,
        })),
      );
    }),
    { numRuns: 60 },
  );
});
