import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../postgres/test-database.ts';
import { openPricedLedger } from '../rerating/priced-ledger.ts';
import { testEvent } from './events.ts';
import { brokenInvariants } from './invariants.ts';
import { addTenants, randomEvent } from './random-ledger.ts';
import { removeFolder, testRecorder } from './recorders.ts';

let store: TestDatabase;
beforeAll(async () => {
  store = await createTestDatabase();
  await addTenants(store.database);
});
afterAll(() => store.drop());

test('rollups equal events to the picodollar in twenty zones, whatever duplicates, replacements, unpriced models and gaps in attribution', async () => {
  const first = await testRecorder(store.database);
  const second = await testRecorder(store.database);
  let run = 0;
  const batches = fc.array(fc.array(randomEvent(60), { maxLength: 40 }), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(batches, async (given) => {
      run += 1;
      const runs = given.map((batch, index) =>
        (index % 2 === 0 ? first : second).recorder.record(
          batch.map((one) => testEvent({ ...one, id: `${run}-${one.id}` })),
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

test('and after all of them were rated again by other prices', { timeout: 90_000 }, async () => {
  const ledger = await openPricedLedger(store.database, 500);
  const given = fc.sample(randomEvent(400), { numRuns: 500, seed: 5 });
  await ledger.recorder.record(given.map((one) => testEvent(one)));
  const usd = {
    input_uncached: '7.77',
    input_cache_read: '0.333333333333',
    output_text: '11',
    output_reasoning: '13',
  };
  await ledger.price({ model: 'gpt-4o', rates: usd });
  await ledger.price({ model: 'nobody-knows-this', rates: { ...usd, input_cache_write_5m: '9.01' } });
  const { id } = await ledger.rerate();
  // A statement that ran out of time on a busy machine leaves the run to the next look.
  const run = async () => (await ledger.rerater.get(id))?.run;
  await expect.poll(async () => (await run())?.status, { timeout: 60_000 }).toBe('done');
  expect((await run())?.changed).toBeGreaterThan(100);
  expect(await brokenInvariants(store.database)).toEqual([]);
  await ledger.close();
});
