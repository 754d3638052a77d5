import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, type Database } from '../../packages/server/src/db/database.ts';
import type { RecordOutcome, UsageEvent } from '../../packages/server/src/ledger/usage-event.ts';
import { rebuildRollups } from '../../packages/server/src/rollups/rebuild.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/test-database.ts';
import { openPricedLedger } from '../rerating/priced-ledger.ts';
import { testEvent } from './events.ts';
import { brokenInvariants } from './invariants.ts';
import { addTenants, randomEvent } from './random-ledger.ts';

const EVENTS = 500_000;
const BATCH = 5_000;
/** So many batches share their ids: of what one sends, about a third has come before, as it was or less known. */
const SHARED = 10;

let store: TestDatabase;
let patient: Database;
beforeAll(async () => {
  store = await createTestDatabase();
  await addTenants(store.database);
  const log = { info() {}, warn() {}, error() {} };
  patient = createDatabase({
    connectionString: store.connectionString,
    log,
    max: 3,
    statementTimeoutMs: 600_000,
  });
});
afterAll(async () => {
  await patient.close();
  // An autovacuum at work on so much keeps a database from being dropped; the whole server goes with the run.
  await store.drop().catch(() => undefined);
});

test('rollups equal events to the picodollar after 500,000 random events with duplicates, late and re-rated ones in twenty zones', {
  timeout: 3_600_000,
}, async () => {
  const ledger = await openPricedLedger(store.database, 500);
  const outcomes = new Map<string, number>();
  const count = (recorded: readonly RecordOutcome[]) => {
    for (const { status } of recorded) outcomes.set(status, (outcomes.get(status) ?? 0) + 1);
  };
  let previous: Promise<void> = Promise.resolve();
  let earlier: readonly UsageEvent[] = [];
  const began = performance.now();
  for (let batch = 0; batch < EVENTS / BATCH; batch += 1) {
    const group = Math.floor(batch / SHARED);
    const sample = fc.sample(randomEvent(SHARED * BATCH), { numRuns: BATCH, seed: batch + 1 });
    const events = sample.map((one) => testEvent({ ...one, id: `${group}-${one.id}` }));
    // Some come again just as they were, with the next call.
    const sent = ledger.recorder.record([...events, ...earlier]);
    earlier = events.slice(0, 50);
    await previous;
    previous = sent.then(count);
  }
  await previous;
  const seconds = (performance.now() - began) / 1000;
  console.log(
    `${EVENTS} events in ${Math.round(seconds)} s: ${JSON.stringify(Object.fromEntries(outcomes))}`,
  );
  expect(outcomes.get('accepted')).toBeGreaterThan(EVENTS / 2);
  expect(outcomes.get('superseded')).toBeGreaterThan(2_000);
  expect(outcomes.get('duplicate')).toBeGreaterThan(1_000);
  expect(await brokenInvariants(patient)).toEqual([]);

  const usd = { input_uncached: '7.77', input_cache_read: '0.333333333333', output_text: '11' };
  await ledger.price({ model: 'gpt-4o', rates: usd });
  await ledger.price({ model: 'nobody-knows-this', rates: usd });
  const { id } = await ledger.rerate({ from: '2026-11-10T00:00:00Z', to: '2026-11-10T06:00:00Z' });
  // A statement that ran out of time on a busy machine leaves the run to the next look.
  const run = async () => (await ledger.rerater.get(id))?.run;
  await expect.poll(async () => (await run())?.status, { timeout: 1_800_000 }).toBe('done');
  expect((await run())?.changed).toBeGreaterThan(1_000);
  const everything = { tenant: null, from: null, to: null, watermarkOf: async () => null };
  const checked = await rebuildRollups(patient, { ...everything, check: true });
  console.log(`${checked.compared} rows compared`);
  expect(checked).toEqual({ compared: checked.compared, different: 0, first: null });
  expect(await brokenInvariants(patient)).toEqual([]);
  await ledger.close();
});
