import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Tx } from '../../packages/server/src/db/database.ts';
import { USUAL_TERMS } from '../../packages/server/src/record/rate-event.ts';
import { createRerater } from '../../packages/server/src/rerating/rerater.ts';
import { testEvent } from '../ledger/events.ts';
import { brokenInvariants } from '../ledger/invariants.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/test-database.ts';
import { EVERYTHING, openPricedLedger, type PricedLedger, silent } from './priced-ledger.ts';

let store: TestDatabase;
beforeAll(async () => {
  store = await createTestDatabase();
  await store.database.asOperator((tx) =>
    tx.query("insert into tenants (id, name, time_zone) values ('acme', 'Acme', 'Asia/Kathmandu')"),
  );
});
afterAll(() => store.drop());

async function open(): Promise<PricedLedger> {
  const ledger = await openPricedLedger(store.database);
  onTestFinished(() => ledger.close());
  return ledger;
}

async function costs(model: string): Promise<(string | null)[]> {
  const { rows } = await store.database.asOperator((tx) =>
    tx.query<{ total_cost: string | null }>(
      'select total_cost from usage_events where model = $1 order by event_time, id',
      [model],
    ),
  );
  return rows.map((row) => (row.total_cost === null ? null : String(Number(row.total_cost))));
}

const call = (model: string, day: number, given: Parameters<typeof testEvent>[0] = {}) =>
  testEvent({ model, time: Date.UTC(2026, 10, day, 12), input: 1_000_000, output: 0, ...given });

test('a dry run tells what would change by model and day, and changes nothing', async () => {
  const ledger = await open();
  await ledger.price({ model: 'dry', rates: { input_uncached: '1', output_text: '1' } });
  await ledger.recorder.record([call('dry', 3), call('dry', 3), call('dry', 4, { tenant: 'acme' })]);
  await ledger.price({ model: 'dry', rates: { input_uncached: '2.5', output_text: '1' } });
  const run = await ledger.rerate({ model: 'dry', dryRun: true });
  expect(run).toMatchObject({ status: 'done', dry_run: true, expected: 3, scanned: 3, changed: 3 });
  const found = await ledger.rerater.get(run.id);
  const none = { provider: 'openai', model: 'dry', old_unpriced: 0, new_unpriced: 0 };
  expect(found?.differences).toEqual([
    { ...none, tenant: 'default', day: '2026-11-03', events: 2, old_usd: '2', new_usd: '5' },
    { ...none, tenant: 'acme', day: '2026-11-04', events: 1, old_usd: '1', new_usd: '2.5' },
  ]);
  expect(await costs('dry')).toEqual(['1', '1', '1']);
  expect(await brokenInvariants(store.database)).toEqual([]);
});

test('a run changes the selected events, leaves an adjustment each with old, new, reason and who, and nothing the second time', async () => {
  const ledger = await open();
  await ledger.price({ model: 'applied', rates: { input_uncached: '1', output_text: '1' } });
  await ledger.recorder.record([call('applied', 3), call('applied', 5), call('applied', 7)]);
  await ledger.price({ model: 'applied', rates: { input_uncached: '4', output_text: '1' } });
  const which = { model: 'applied', from: '2026-11-04T00:00:00Z', to: '2026-11-07T12:00:00Z' };
  const run = await ledger.rerate({ ...which, reason: 'the invoice says 4', actor: 'key:7' });
  expect(run).toMatchObject({ status: 'done', expected: 1, changed: 1 });
  expect(await costs('applied')).toEqual(['1', '4', '1']);
  const { rows } = await store.database.asOperator((tx) =>
    tx.query('select old_cost, new_cost, reason, actor from cost_adjustments where run_id = $1', [run.id]),
  );
  const amounts = { old_cost: '1.000000000000', new_cost: '4.000000000000' };
  expect(rows).toEqual([{ ...amounts, reason: 'rerating: the invoice says 4', actor: 'key:7' }]);
  expect(await ledger.rerate(which)).toMatchObject({ scanned: 1, changed: 0 });
  expect(await brokenInvariants(store.database)).toEqual([]);
});

test('events without a price are rated when one arrives, once per price book however many processes see it', async () => {
  const ledger = await open();
  await ledger.recorder.record([call('late', 3), call('late', 4, { tenant: 'acme' })]);
  expect(await costs('late')).toEqual([null, null]);
  await ledger.price({ model: 'late', valid_from: '2026-11-04T00:00:00.000Z' });
  const { version } = ledger.books.status();
  const runs = await Promise.all([1, 2, 3].map(() => ledger.rerater.rateUnpriced(version)));
  expect(runs.filter((run) => run !== null)).toHaveLength(1);
  await ledger.rerater.idle();
  expect(await costs('late')).toEqual([null, '1']);
  expect(await brokenInvariants(store.database)).toEqual([]);
});

test('a run whose transaction the database ended for its time goes on at once, not when it next looks for open runs', async () => {
  const ledger = await openPricedLedger(store.database, 3_600_000);
  onTestFinished(() => ledger.close());
  await ledger.price({ model: 'ended', rates: { input_uncached: '1', output_text: '1' } });
  await ledger.recorder.record([call('ended', 3), call('ended', 5)]);
  await ledger.price({ model: 'ended', rates: { input_uncached: '4', output_text: '1' } });
  let stalls = 2;
  // What a busy machine does: rows are locked, and this process does not come to its next statement.
  const stall = (tx: Tx): Tx => ({
    query: async (statement, values) => {
      const answered = await tx.query(statement, values);
      const text = typeof statement === 'string' ? statement : statement.text;
      if (text.startsWith('insert into rerating_changes') && stalls-- > 0) await sleep(400);
      return answered as never;
    },
  });
  const { database } = store;
  const rerater = createRerater({
    db: { ...database, asWriter: (work, bounds) => database.asWriter((tx) => work(stall(tx)), bounds) },
    books: ledger.books,
    terms: USUAL_TERMS,
    log: silent,
    lookEveryMs: 3_600_000,
  });
  onTestFinished(() => rerater.close());
  const { id } = await rerater.start({ ...EVERYTHING, model: 'ended' });
  await rerater.idle();
  expect((await rerater.get(id))?.run).toMatchObject({ status: 'done', scanned: 2, changed: 2 });
  expect(await costs('ended')).toEqual(['4', '4']);
});

test('a cancelled run stops after its batch and what it did stays whole', async () => {
  const ledger = await open();
  await ledger.recorder.record(Array.from({ length: 900 }, (_, i) => call('stopped', 1 + (i % 20))));
  await ledger.price({ model: 'stopped' });
  const { id } = await ledger.rerater.start({
    ...(await import('./priced-ledger.ts')).EVERYTHING,
    model: 'stopped',
  });
  expect(await ledger.rerater.cancel(id, 'test')).toBe(true);
  await ledger.rerater.idle();
  const found = await ledger.rerater.get(id);
  expect(found?.run.status).toBe('cancelled');
  expect(found?.run.scanned).toBeLessThan(900);
  const priced = (await costs('stopped')).filter((cost) => cost !== null);
  expect(priced).toHaveLength(found?.run.changed ?? -1);
  expect(await ledger.rerater.cancel(id, 'test')).toBe(false);
  expect(await brokenInvariants(store.database)).toEqual([]);
});

const batch = fc.array(
  fc.record({
    tenant: fc.constantFrom('default', 'acme'),
    model: fc.constantFrom('p1', 'p2', 'gpt-4o', 'gpt-4o-mini'),
    time: fc.integer({ min: Date.UTC(2026, 9, 30), max: Date.UTC(2026, 10, 3) }),
    input: fc.integer({ min: 0, max: 900_000 }),
    output: fc.integer({ min: 0, max: 90_000 }),
    source: fc.constantFrom('reported' as const, 'estimated' as const),
  }),
  { minLength: 1, maxLength: 30 },
);
const price = fc.record({
  model: fc.constantFrom('p1', 'p2', 'gpt-4o'),
  input: fc.integer({ min: 0, max: 99_999 }),
  output: fc.integer({ min: 0, max: 99_999 }),
});

test('after any prices, re-ratings, replacements and recordings at once, rollups equal events to the picodollar', async () => {
  const ledger = await open();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(batch, price, fc.boolean()), { minLength: 1, maxLength: 3 }),
      async (steps) => {
        const given: ReturnType<typeof testEvent>[] = [];
        for (const [events, { model, input, output }, unpricedOnly] of steps) {
          const usd = (value: number) => `0.${String(value).padStart(5, '0')}`;
          await ledger.price({ model, rates: { input_uncached: usd(input), output_text: usd(output) } });
          const made = events.map((event) => testEvent(event));
          const replaced = given
            .slice(0, 5)
            .map((event) => testEvent({ ...event, source: 'reported', output: 1 }));
          given.push(...made);
          await Promise.all([
            ledger.rerate({ unpricedOnly }),
            ledger.recorder.record(made),
            ledger.recorder.record(replaced),
          ]);
        }
        const last = await ledger.rerate();
        expect(last.status).toBe('done');
        expect(await ledger.rerate()).toMatchObject({ status: 'done', changed: 0 });
        expect(await brokenInvariants(store.database)).toEqual([]);
      },
    ),
    { numRuns: 6 },
  );
}, 120_000);
