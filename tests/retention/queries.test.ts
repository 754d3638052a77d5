import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CostQuery } from '../../packages/server/src/costs/cost-query.ts';
import { runCostQuery } from '../../packages/server/src/costs/run-cost-query.ts';
import { withScope } from '../../packages/server/src/costs/with-scope.ts';
import { readSummary } from '../../packages/server/src/overview/summary.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/test-database.ts';
import { DAY, history, makeTenants, NOW, record, retain, setDays } from './ledger.ts';

const MINUTE = 60_000;
/** Midnight of 12 November: today and ten days before it are kept. */
const WATERMARK = Date.UTC(2026, 10, 12);

let store: TestDatabase;
beforeAll(async () => {
  store = await createTestDatabase();
  await makeTenants(store.database, { utc: 'UTC', keeps: 'UTC' });
  await record(store.database, [...history('utc', 120, 40), ...history('keeps', 120, 40)]);
});
afterAll(() => store.drop());

const query = (given: Partial<CostQuery>): CostQuery => ({
  from: NOW - 30 * DAY,
  to: NOW,
  timezone: 'UTC',
  bucket: null,
  groupBy: ['agent'],
  filters: {},
  rankBy: 'cost',
  compare: null,
  limit: 10,
  ...given,
});

const ask = (given: Partial<CostQuery>, tenant: string | null = 'utc') =>
  withScope(store.database, tenant, (scope) => runCostQuery(scope, query(given)));

test('below the watermark rollups answer what they answered before, and what needs events is refused in words', async () => {
  const aligned = { from: Date.UTC(2026, 9, 20), to: NOW - (NOW % DAY) };
  const ragged = { from: aligned.from + 7 * MINUTE };
  const late = { from: WATERMARK + 7 * MINUTE, groupBy: ['agent', 'user'] as const };
  const before = { aligned: await ask(aligned), late: await ask(late) };
  await ask(ragged);
  await setDays(store.database, 'utc', 10);
  await retain(store.database);

  expect(await ask(aligned)).toEqual(before.aligned);
  expect(await ask(late)).toEqual(before.late);
  await expect(ask(ragged)).rejects.toThrow(/single events are kept from 2026-11-12T00:00:00.000Z on/);
  await expect(ask({ groupBy: ['agent', 'user'] })).rejects.toMatchObject({
    code: 'invalid_parameter',
    message: expect.stringContaining('2026-11-12T00:00:00.000Z'),
  });
  // The tenant that keeps least decides for all; a tenant that keeps everything can be asked as before.
  await expect(ask(ragged, null)).rejects.toThrow(/single events are kept from/);
  await ask(ragged, 'keeps');
});

test('a comparison that begins or ends below the watermark is read by whole quarter hours', async () => {
  const from = WATERMARK + 4 * DAY;
  const to = from + 6 * DAY + 7 * MINUTE;
  const answer = await ask({ from, to, compare: 'previous_period' });
  // Three events a day; the seven minutes hold none.
  expect(answer.total.previous?.requests).toBe(18);
  await expect(ask({ from, to, groupBy: ['agent', 'user'], compare: 'previous_period' })).rejects.toThrow(
    /single events, which are kept from/,
  );
});

test('a list that needs single events, asked without a range, is this month as far as it is kept', async () => {
  const month = { groupBy: ['task'], filters: {}, limit: 10 } as const;
  const kept = await withScope(store.database, 'utc', (scope) => readSummary(scope, month, NOW));
  expect(kept.from).toBe(new Date(WATERMARK).toISOString());
  expect(kept.total.requests).toBeGreaterThan(0);
  const whole = await withScope(store.database, 'utc', (scope) =>
    readSummary(scope, { ...month, groupBy: ['agent'] }, NOW),
  );
  expect(whole.from).toBe('2026-11-01T00:00:00.000Z');
  await expect(
    withScope(store.database, 'utc', (scope) => readSummary(scope, { ...month, from: '2026-11-01' }, NOW)),
  ).rejects.toThrow(/single events, which are kept from/);
});
