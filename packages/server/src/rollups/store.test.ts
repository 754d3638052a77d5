import { afterAll, beforeAll, expect, test } from 'vitest';
import { brokenInvariants } from '../../../../tests/ledger/invariants.ts';
import { createTestDatabase, type TestDatabase } from '../../../../tests/postgres/test-database.ts';
import { DAY_MS, quarterHour } from '../clock/lengths.ts';
import { learnOffsets, localDay, midnight, offsetAt } from '../clock/zone-clock.ts';
import { SUMMED_DIMENSIONS } from '../ledger/dimensions.ts';
import { MONEY, STORED_COUNTS } from '../ledger/measures.ts';
import type { LedgerFacts } from '../ledger/rated-event.ts';
import { createRowTypes } from '../ledger/writing/read-row-types.ts';
import { aggregate, type Contribution } from './aggregate.ts';
import { addToRollups } from './store.ts';

let store: TestDatabase;
beforeAll(async () => {
  store = await createTestDatabase();
});
afterAll(() => store.drop());

const FACTS: LedgerFacts = {
  tenant: 'default',
  time: Date.UTC(2026, 10, 20, 18, 20),
  provider: 'openai',
  model: 'gpt-4o',
  operation: 'chat',
  status: 'ok',
  values: SUMMED_DIMENSIONS.map((name) => (name === 'agent' ? 'a' : null)),
  tags: { team: 'search', tier: '' },
  latency: { us: 1_500_000, bin: 21 },
  counts: STORED_COUNTS.map((_, at) => at + 1),
  amounts: MONEY.map((_, at) => BigInt(at + 1)),
};

async function add(contributions: readonly Contribution[], zone: string): Promise<void> {
  const rowTypes = createRowTypes();
  await store.database.asWriter(async (tx) =>
    addToRollups(
      tx,
      await rowTypes(tx),
      aggregate(contributions, () => zone),
    ),
  );
}

const days = async () => {
  const { rows } = await store.database.asOperator((tx) =>
    tx.query<{ dimension: string; value: string; bucket: string; requests: string }>(
      'select dimension, value, bucket, requests from rollups_day where requests <> 0 order by 1, 2, 3',
    ),
  );
  return rows.map(({ dimension, value, bucket, requests }) => `${dimension} ${value} ${bucket} ${requests}`);
};

test('an event stands where it has a value and nowhere else, on the day the database says, and leaves without a trace', async () => {
  const moved = { ...FACTS, tenant: 'moved' };
  await store.database.asOperator((tx) =>
    tx.query("insert into tenants (id, name, time_zone) values ('moved', 'Moved', 'Asia/Kathmandu')"),
  );
  // The writer believes in an older zone, and its clock shows other days than the database's.
  const own = offsetAt(moved.time, 'Asia/Kathmandu');
  for (const zone of ['Europe/Berlin', 'Asia/Kathmandu']) {
    learnOffsets(zone, [[quarterHour(moved.time), own + 3 * DAY_MS]]);
  }
  await add([{ facts: moved, sign: 1 }], 'Europe/Berlin');
  expect(await days()).toEqual([
    'agent a 2026-11-21 1',
    'all  2026-11-21 1',
    'tag.team search 2026-11-21 1',
    'total  2026-11-21 1',
    'total.agent a 2026-11-21 1',
    'total.tag.team search 2026-11-21 1',
  ]);
  // It has learned: the next one goes straight to its day.
  const day = Date.UTC(2026, 10, 21) / DAY_MS;
  expect(localDay(moved.time, 'Asia/Kathmandu')).toBe(day);
  // So have those who read charts, in this process: there is one clock.
  expect(midnight(day, 'Asia/Kathmandu')).toBe(Date.UTC(2026, 10, 20, 18, 15));
  await add([{ facts: moved, sign: -1 }], 'Asia/Kathmandu');
  expect(await days()).toEqual([]);
  expect(await brokenInvariants(store.database)).toEqual([]);
});

test('what leaves and comes back as it was changes no row, and counts that cannot be exact are refused', async () => {
  const same = aggregate(
    [
      { facts: FACTS, sign: -1 },
      { facts: FACTS, sign: 1 },
    ],
    () => 'UTC',
  );
  expect(same.quarterHours).toEqual([]);
  const huge = { ...FACTS, counts: FACTS.counts.with(0, Number.MAX_SAFE_INTEGER) };
  const twice = [huge, huge].map((facts): Contribution => ({ facts, sign: 1 }));
  expect(() => aggregate(twice, () => 'UTC')).toThrow(RangeError);
});
