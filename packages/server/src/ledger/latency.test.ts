import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/postgres/test-database.ts';
import { LATENCY_EDGES_SQL, LATENCY_EDGES_US, latencyOf, latencyUsSql } from './latency.ts';

let store: TestDatabase;
beforeAll(async () => {
  store = await createTestDatabase();
});
afterAll(() => store.drop());

test('this code, the edges as SQL and the function in the database put every latency into the same bin', async () => {
  const around = LATENCY_EDGES_US.flatMap((edge) => [edge - 1, edge - 0.5, edge, edge + 0.5, edge + 1])
    .filter((us) => us >= 0)
    .map((us) => us / 1000);
  const random = fc.sample(fc.double({ min: 0, max: 86_400_000, noNaN: true }), 2_000);
  const latencies = [...around, ...random];
  const { rows } = await store.database.asOperator((tx) =>
    tx.query<{ us: string; bin: number; bucket: number }>(
      `select us, latency_bin(us) as bin, width_bucket(us, ${LATENCY_EDGES_SQL}) - 1 as bucket
         from unnest($1::float8[]) with ordinality as given (ms, place)
        cross join lateral (select ${latencyUsSql('ms')} as us) measured order by place`,
      [latencies],
    ),
  );
  expect(rows).toEqual(
    latencies.map((ms) => {
      const found = latencyOf(ms);
      return { us: String(found?.us), bin: found?.bin, bucket: found?.bin };
    }),
  );
});
