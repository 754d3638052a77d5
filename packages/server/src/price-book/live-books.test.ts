import { installedData } from '@farthing/pricing/book';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { testEvent } from '../../../../tests/ledger/events.ts';
import { createTestDatabase, type TestDatabase } from '../../../../tests/postgres/test-database.ts';
import { chargeFor, USUAL_TERMS } from '../record/rate-event.ts';
import { type LiveBooks, openLiveBooks } from './live-books.ts';
import { addAlias, addCards, addOverride, type NewCard, type NewOverride, removePrice } from './store.ts';

/** However busy the machine is. */
const eventually = (check: () => unknown) => vi.waitFor(check, { timeout: 20_000 });

let store: TestDatabase;
beforeAll(async () => {
  store = await createTestDatabase();
  await store.database.asOperator((tx) =>
    tx.query("insert into tenants (id, name) values ('acme', 'Acme'), ('beta', 'Beta')"),
  );
});
afterAll(() => store.drop());

const silent = { info() {}, warn() {}, error() {} };
async function open(): Promise<LiveBooks> {
  const books = await openLiveBooks({
    db: store.database,
    installed: { data: installedData, over: null },
    log: silent,
  });
  onTestFinished(() => books.close());
  return books;
}

const PROVENANCE = { table: 'own', version: 'test', date: '2026-11-22' };
const card = (given: Partial<NewCard>): NewCard => ({
  provider: 'openai',
  model: 'gpt-4o',
  tier: 'standard',
  speed: 'standard',
  region: null,
  valid_from: null,
  valid_to: null,
  time_of_day: null,
  unpriced: null,
  rates: { input_uncached: '1', output_text: '2' },
  provenance: PROVENANCE,
  ...given,
});
const override = (given: Partial<NewOverride>): NewOverride => ({
  tenant: 'acme',
  kind: 'percent',
  provider: null,
  model: null,
  tier: null,
  percent: '-20',
  rates: null,
  note: null,
  valid_from: null,
  valid_to: null,
  ...given,
});
const million = (given: Parameters<typeof testEvent>[0] = {}) =>
  testEvent({ tenant: 'acme', input: 1_000_000, output: 1_000_000, ...given });
const usd = (books: LiveBooks, event: ReturnType<typeof million>) => {
  const { charge, listPicos } = chargeFor(event, books, USUAL_TERMS);
  return [charge.totalPicos, listPicos].map((picos) =>
    picos === null ? null : Number(picos / 10_000n) / 1e8,
  );
};

test("a tenant's discount lowers what it is charged, not the list cost and nobody else's charge, in its interval only", async () => {
  const books = await open();
  const [list] = usd(books, million());
  const id = await store.database.asOperator((tx) =>
    addOverride(
      tx,
      override({ valid_from: '2026-11-01T00:00:00Z', valid_to: '2026-12-01T00:00:00Z' }),
      'test',
    ),
  );
  await books.reload();
  expect(usd(books, million())).toEqual([(list ?? 0) * 0.8, list]);
  expect(usd(books, million({ tenant: 'beta' }))).toEqual([list, list]);
  expect(usd(books, million({ time: Date.UTC(2026, 9, 31, 23, 59) }))).toEqual([list, list]);
  expect(usd(books, million({ time: Date.UTC(2026, 11, 1) }))).toEqual([list, list]);
  await store.database.asOperator((tx) => removePrice(tx, 'override', id, 'test'));
  await books.reload();
  expect(usd(books, million())).toEqual([list, list]);
});

test('negotiated rates replace the named meters; a fixed rate makes all others free; the narrower override wins', async () => {
  const books = await open();
  const ids = await store.database.asOperator(async (tx) => [
    await addOverride(
      tx,
      override({ kind: 'rates', percent: null, model: 'gpt-4o', rates: { output_text: '3' } }),
      'test',
    ),
    await addOverride(tx, override({ percent: '100' }), 'test'),
    await addOverride(
      tx,
      override({
        tenant: 'beta',
        kind: 'fixed',
        percent: null,
        rates: { requests: { usd: '0.01', per: 1 } },
      }),
      'test',
    ),
  ]);
  await books.reload();
  expect(usd(books, million({ output: 0 }))[0]).toBe(2.5);
  expect(usd(books, million({ input: 0 }))[0]).toBe(3);
  expect(usd(books, million({ model: 'gpt-4o-mini', output: 0 }))[0]).toBe(0.3);
  expect(usd(books, million({ tenant: 'beta' }))[0]).toBe(0.01);
  expect(usd(books, million({ tenant: 'beta', model: 'nobody-knows-this' }))).toEqual([0.01, null]);
  await store.database.asOperator(async (tx) => {
    for (const id of ids) await removePrice(tx, 'override', id, 'test');
  });
});

test('own cards and aliases hold for everyone, and every change leaves a row in the audit log', async () => {
  const books = await open();
  const [known] = usd(books, million());
  await store.database.asOperator(async (tx) => {
    await addCards(tx, [card({ model: 'house-model', valid_from: '2026-11-10T00:00:00Z' })], 'key:1');
    const dates = { valid_from: null, valid_to: '2026-11-15T00:00:00Z' };
    await addAlias(tx, { provider: 'openai', alias: 'my-best', model: 'gpt-4o', ...dates }, 'key:1');
  });
  await books.reload();
  expect(usd(books, million({ model: 'house-model' }))).toEqual([3, 3]);
  expect(usd(books, million({ model: 'house-model', time: Date.UTC(2026, 10, 9) }))).toEqual([null, null]);
  expect(usd(books, million({ model: 'my-best', time: Date.UTC(2026, 10, 14) }))).toEqual([known, known]);
  expect(usd(books, million({ model: 'my-best' }))).toEqual([null, null]);
  const { rows } = await store.database.asOperator((tx) =>
    tx.query<{ action: string }>("select action from audit_log where actor = 'key:1' order by id"),
  );
  expect(rows.map((row) => row.action)).toEqual(['price_card.add', 'price_alias.add']);
});

test('every process learns of a change by itself', async () => {
  const books = await open();
  const changed = new Promise((resolve) => books.onChange(resolve));
  await store.database.asOperator((tx) => addCards(tx, [card({ model: 'told-to-all' })], 'test'));
  await changed;
  expect(usd(books, million({ model: 'told-to-all' }))).toEqual([3, 3]);
});

test('a bad row leaves the last good book in force and says so, until it is taken back', async () => {
  const books = await open();
  const before = books.status();
  const bad = card({ model: 'broken', rates: { input_uncached: '-1' } });
  const [id = ''] = await store.database.asOperator((tx) => addCards(tx, [bad], 'test'));
  await eventually(() => expect(books.status().problem).toMatch(/input_uncached must be USD/));
  expect(books.status().version).toBe(before.version);
  expect(usd(books, million({ model: 'house-model' }))).toEqual([3, 3]);
  await store.database.asOperator((tx) => removePrice(tx, 'card', id, 'test'));
  await eventually(() => expect(books.status().problem).toBeNull());
});

test('the card of an event rated before a change is still found after it, so that its explanation stays whole', async () => {
  const books = await open();
  const [id = ''] = await store.database.asOperator((tx) =>
    addCards(tx, [card({ model: 'short-lived' })], 'test'),
  );
  await books.reload();
  const line = chargeFor(million({ model: 'short-lived' }), books, USUAL_TERMS).charge.lines[0];
  await store.database.asOperator((tx) => removePrice(tx, 'card', id, 'test'));
  await books.reload();
  expect(books.forTenant('acme').card(line?.cardId ?? '')?.model).toBe('short-lived');
});
