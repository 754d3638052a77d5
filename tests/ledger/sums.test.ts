import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../postgres/test-database.ts';
import { testEvent } from './events.ts';
import { brokenInvariants } from './invariants.ts';
import { removeFolder, testRecorder } from './recorders.ts';

const ZONES = {
  utc: 'UTC',
  kathmandu: 'Asia/Kathmandu',
  lord_howe: 'Australia/Lord_Howe',
  new_york: 'America/New_York',
};

let store: TestDatabase;
beforeAll(async () => {
  store = await createTestDatabase();
  for (const [id, zone] of Object.entries(ZONES)) {
    await store.database.asOperator((tx) =>
      tx.query('insert into tenants (id, name, time_zone) values ($1, $1, $2)', [id, zone]),
    );
  }
});
afterAll(() => store.drop());

// Two days around each change of the clocks, so that days of 23 and 25 hours and half-hour shifts are met.
const CLOCK_CHANGES = [
  Date.UTC(2026, 2, 8),
  Date.UTC(2026, 3, 4),
  Date.UTC(2026, 9, 3),
  Date.UTC(2026, 10, 1),
];

const event = fc
  .record({
    tenant: fc.constantFrom(...Object.keys(ZONES)),
    id: fc.integer({ min: 0, max: 40 }),
    time: fc
      .tuple(fc.constantFrom(...CLOCK_CHANGES), fc.integer({ min: 0, max: 2 * 86_400_000 }))
      .map(([a, b]) => a + b),
    model: fc.constantFrom('gpt-4o', 'gpt-4o-mini', 'nobody-knows-this'),
    status: fc.constantFrom('ok', 'error', 'aborted'),
    source: fc.constantFrom('reported', 'partial', 'estimated'),
    input: fc.integer({ min: 0, max: 2_000_000 }),
    cached: fc.integer({ min: 0, max: 50_000 }),
    output: fc.integer({ min: 0, max: 90_000 }),
    agent: fc.constantFrom(null, 'a', 'b'),
    user: fc.constantFrom(null, 'u'),
  })
  .map(({ agent, user, id, ...rest }) => ({ ...rest, id: `id-${id}`, attribution: { agent, user } }));

test('rollups equal events to the picodollar, whatever duplicates, replacements, unpriced models, tenants and zones', async () => {
  const first = await testRecorder(store.database);
  const second = await testRecorder(store.database);
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(event, { maxLength: 25 }), { maxLength: 6 }), async (batches) => {
      run += 1;
      const runs = batches.map((batch, index) =>
        (index % 2 === 0 ? first : second).recorder.record(
          batch.map((given) => testEvent({ ...given, id: `${run}-${given.id}` })),
        ),
      );
      await Promise.all(runs);
      expect(await brokenInvariants(store.database)).toEqual([]);
    }),
    { numRuns: 25 },
  );
  expect(first.failed.concat(second.failed)).toEqual([]);
  for (const { recorder, spoolDirectory } of [first, second]) {
    await recorder.drain();
    await removeFolder(spoolDirectory);
  }
});
