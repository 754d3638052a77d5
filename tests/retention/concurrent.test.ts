import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { localDay } from '../../packages/server/src/clock/zone-clock.ts';
import { cutoffOf } from '../../packages/server/src/retention/cutoff.ts';
import { createEraser } from '../../packages/server/src/retention/eraser.ts';
import { createWatch } from '../../packages/server/src/rollups/watch.ts';
import { testEvent } from '../ledger/events.ts';
import { removeFolder, testRecorder } from '../ledger/recorders.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/test-database.ts';
import { count, DAY, makeTenants, NOW, retain, setDays } from './ledger.ts';

const silent = { info() {}, warn() {}, error() {} };

let store: TestDatabase;
beforeAll(async () => {
  store = await createTestDatabase();
  await makeTenants(store.database, { kathmandu: 'Asia/Kathmandu' });
});
afterAll(() => store.drop());

const event = fc.record({
  id: fc.integer({ min: 0, max: 300 }),
  day: fc.integer({ min: 0, max: 40 }),
  user: fc.constantFrom('jane.doe', 'john', null),
  customer: fc.constantFrom('jane.doe', 'acme', null),
  source: fc.constantFrom('reported' as const, 'estimated' as const),
  input: fc.integer({ min: 0, max: 5_000 }),
});

test('while events come in again and again, are superseded, let go of and erased, sums stay what events and rollups say', async () => {
  const db = store.database;
  const eraser = createEraser({ db, log: silent });
  const first = await testRecorder(db);
  const second = await testRecorder(db);
  let days = 35;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(event, { maxLength: 40 }), { minLength: 4, maxLength: 8 }),
      async (batches) => {
        await setDays(db, 'kathmandu', days);
        days -= 3;
        const runs = batches.map((batch, index) =>
          (index % 2 === 0 ? first : second).recorder.record(
            batch.map(({ id, day, user, customer, source, input }) =>
              testEvent({
                tenant: 'kathmandu',
                id: `id-${id}`,
                time: NOW - day * DAY,
                source,
                input,
                attribution: { user, tags: customer === null ? {} : { customer } },
              }),
            ),
          ),
        );
        const erasure = {
          tenant: 'kathmandu',
          user: 'jane.doe',
          thorough: false,
          before: new Date(NOW + DAY),
        };
        const erased = eraser.start({ ...erasure, actor: 'test' });
        await Promise.all([...runs, retain(db), erased.then(() => eraser.idle())]);
        // A writer knows a watermark a minute late at most: what it took meanwhile goes in the next round.
        await retain(db);
        const checks = await createWatch({
          db,
          log: silent,
          now: () => NOW,
          samples: 100,
        }).check();
        expect(checks.map(({ invariant, difference }) => ({ invariant, difference }))).toEqual([
          { invariant: 'I3', difference: null },
          { invariant: 'I8', difference: null },
        ]);
        expect(
          await count(
            db,
            'event_ids i full join usage_events e using (tenant_id, id, event_time) where i.id is null or e.id is null',
          ),
        ).toBe(0);
      },
    ),
    { numRuns: 6 },
  );
  await eraser.close();
  for (const { recorder, spoolDirectory } of [first, second]) {
    await recorder.drain();
    await removeFolder(spoolDirectory);
  }
}, 180_000);

test('a watermark is the first quarter hour of a day in its zone, so many days back', () => {
  const zones = [
    'UTC',
    'Asia/Kathmandu',
    'Australia/Lord_Howe',
    'America/New_York',
    'America/Havana',
    'Pacific/Apia',
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.integer({ min: 1, max: 800 }),
      fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2027, 0, 1) }),
      (zone, days, now) => {
        const at = cutoffOf(days, zone, now);
        expect(localDay(at, zone)).toBe(localDay(now, zone) - days);
        expect(localDay(at - 900_000, zone)).toBeLessThan(localDay(at, zone));
      },
    ),
  );
});
