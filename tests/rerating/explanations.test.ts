/** An event's explanation of its price stays the same when the price changes later. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openEvent } from '../../packages/server/src/ledger/reading/read-event.ts';
import { testEvent } from '../ledger/events.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/test-database.ts';
import { openPricedLedger } from './priced-ledger.ts';

let store: TestDatabase;
beforeAll(async () => {
  store = await createTestDatabase();
});
afterAll(() => store.drop());

const explanationOf = async (id: string) =>
  (await store.database.asReader('default', (tx) => openEvent(tx, ['default'], id)))?.pricing;
const rate = fc.integer({ min: 1, max: 9_999_999 }).map((n) => String(n / 1e6));
const call = fc.record({
  input: fc.nat(2_000_000),
  cached: fc.nat(50_000),
  output: fc.nat(90_000),
  reasoning: fc.constantFrom(0, 17),
});

test('an explanation is the same to the letter after its card was corrected, overridden and withdrawn', async () => {
  const ledger = await openPricedLedger(store.database);
  onTestFinished(() => ledger.close());
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(call, { minLength: 1, maxLength: 4 }),
      rate,
      rate,
      async (calls, first, second) => {
        const model = `explained-${run++}`;
        const rates = { input_uncached: first, input_cache_read: '0.1', output_text: second };
        await ledger.price({ model, rates });
        const events = calls.map((given) => testEvent({ ...given, model }));
        await ledger.recorder.record(events);
        const before = await Promise.all(events.map(({ id }) => explanationOf(id)));
        expect(before.every((one) => one?.cards.length === 1 || one?.lines.length === 0)).toBe(true);

        await ledger.price({ model, rates: { ...rates, input_uncached: second } });
        expect(await Promise.all(events.map(({ id }) => explanationOf(id)))).toEqual(before);

        await store.database.asOperator(async (tx) => {
          await tx.query(
            `insert into price_overrides (tenant_id, kind, provider, model, percent, created_by)
           values ('default', 'percent', 'openai', $1, -25, 'test')`,
            [model],
          );
        });
        await ledger.books.reload();
        expect(await Promise.all(events.map(({ id }) => explanationOf(id)))).toEqual(before);

        await store.database.asOperator(async (tx) => {
          await tx.query('update own_price_cards set removed_at = now() where model = $1', [model]);
          await tx.query('update price_overrides set removed_at = now() where model = $1', [model]);
        });
        await ledger.books.reload();
        expect(await Promise.all(events.map(({ id }) => explanationOf(id)))).toEqual(before);
      },
    ),
    { numRuns: 6 },
  );
});

test('an adjustment keeps the lines before and after as they were, and the event shows the new ones', async () => {
  const ledger = await openPricedLedger(store.database);
  onTestFinished(() => ledger.close());
  const model = 'adjusted';
  await ledger.price({ model, rates: { input_uncached: '1', output_text: '3' } });
  const event = testEvent({ model, input: 1_234, output: 99 });
  await ledger.recorder.record([event]);
  const charges = async () => {
    const { rows } = await store.database.asOperator((tx) =>
      tx.query<{ charge: unknown; compact: boolean }>(
        'select charge_of(e) as charge, e.charge is null as compact from usage_events e where id = $1',
        [event.id],
      ),
    );
    return rows[0];
  };
  const before = await charges();
  await ledger.price({ model, rates: { input_uncached: '2', output_text: '3' } });
  expect(await ledger.rerate({ model })).toMatchObject({ status: 'done', changed: 1 });
  const after = await charges();
  const { rows } = await store.database.asOperator((tx) =>
    tx.query('select old_charge, new_charge from cost_adjustments where event_id = $1', [event.id]),
  );
  expect([before?.compact, after?.compact]).toEqual([true, true]);
  expect(after?.charge).not.toEqual(before?.charge);
  expect(rows).toEqual([{ old_charge: before?.charge, new_charge: after?.charge }]);
});

test('an event that an older release stored with its documents is explained as before', async () => {
  const ledger = await openPricedLedger(store.database);
  onTestFinished(() => ledger.close());
  const events = [testEvent({ input: 77 }), testEvent({ input: 77, model: 'nobody-knows-it' })];
  await ledger.recorder.record(events);
  for (const { id } of events) {
    const compact = await explanationOf(id);
    await store.database.asOperator((tx) =>
      tx.query(
        `update usage_events e set usage = usage_of(e), charge = charge_of(e), raw_usage = raw_usage_of(e),
                price_version = price_version_of(e), usage_pattern = null, charge_pattern = null, usage_numbers = null,
                charge_numbers = null where id = $1`,
        [id],
      ),
    );
    expect(await explanationOf(id)).toEqual(compact);
  }
});
