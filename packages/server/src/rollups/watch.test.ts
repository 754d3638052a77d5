import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/postgres/test-database.ts';
import {
  DAY,
  history,
  makeTenants,
  NOW,
  record,
  retain,
  setDays,
} from '../../../../tests/retention/ledger.ts';
import { createWatch } from './watch.ts';

let store: TestDatabase;
let logged: { readonly message: string; readonly details: object }[];
beforeEach(async () => {
  store = await createTestDatabase();
  logged = [];
  await makeTenants(store.database, { kathmandu: 'Asia/Kathmandu', utc: 'UTC' });
  await record(store.database, [...history('kathmandu', 36, 12), ...history('utc', 36, 12)]);
});
afterEach(() => store.drop());

const watch = (samples = 200) =>
  createWatch({
    db: store.database,
    log: {
      info: () => undefined,
      warn: () => undefined,
      error: (details, message) => logged.push({ details, message }),
    },
    now: () => NOW,
    samples,
  });

const damage = (sql: string) => store.database.asOperator((tx) => tx.query(sql));

async function check(samples?: number) {
  const checks = await watch(samples).check();
  const of = (invariant: string) => checks.find((one) => one.invariant === invariant);
  return { I3: of('I3'), I8: of('I8') };
}

test('a whole ledger holds: recent days of every tenant and days of long ago were looked at', async () => {
  const { I3, I8 } = await check();
  expect(I3).toMatchObject({ ok: true, difference: null, broken_since: null });
  // Three tenants, three days each.
  expect(I3?.covered).toMatchObject({
    recent_days: 9,
    recent_days_of: 9,
    skipped_days: 0,
    days_without_events: 0,
  });
  expect(I3?.covered.sampled_days).toBeGreaterThan(10);
  expect(I3?.covered.compared).toBeGreaterThan(300);
  expect(I8).toMatchObject({ ok: true, difference: null });
  expect(I8?.covered.compared).toBeGreaterThan(30);
  expect(logged).toEqual([]);
});

test('a damaged row of sums is found and named, down to its column', async () => {
  await damage(
    `update rollups_15m set total_cost = total_cost + 0.000000000001
      where (tenant_id, dimension, value, bucket) = (select tenant_id, dimension, value, bucket from rollups_15m
        where tenant_id = 'kathmandu' and dimension = 'agent' and value = 'b' and total_cost > 0 order by bucket desc limit 1)`,
  );
  const { I3, I8 } = await check();
  expect(I3).toMatchObject({
    ok: false,
    difference: {
      tenant: 'kathmandu',
      table: 'rollups_15m',
      dimension: 'agent',
      different: expect.any(Number),
    },
  });
  expect(I3?.difference?.row).toBe('b · openai · gpt-4o-mini · chat');
  // What the cost tells is wrong with it.
  expect(I3?.difference?.columns.map((one) => one.column)).toEqual(['total_cost', 'input_cost', 'list_cost']);
  const [column] = I3?.difference?.columns ?? [];
  expect(column?.found).not.toBe(column?.expected);
  expect(I8?.ok).toBe(true);
  expect(logged).toEqual([
    {
      message: 'An invariant of the ledger is broken',
      details: { invariant: 'I3', difference: I3?.difference },
    },
  ]);
});

test('a missing day is found and named', async () => {
  await damage(
    "delete from rollups_day where tenant_id = 'utc' and dimension = 'all' and bucket = '2026-11-21'",
  );
  const { I3 } = await check();
  expect(I3).toMatchObject({
    ok: false,
    difference: { tenant: 'utc', table: 'rollups_day', dimension: 'all', bucket: '2026-11-21' },
  });
  expect(I3?.difference?.columns).toContainEqual({ column: 'requests', expected: '1', found: '0' });
});

test('a damaged cost of an event breaks its charge and the sums, and the event is named', async () => {
  await damage(
    `update usage_events set total_cost = total_cost + 1 where tenant_id = 'utc' and id = 'utc-1' and total_cost is not null`,
  );
  const { I3, I8 } = await check();
  expect(I8).toMatchObject({
    ok: false,
    difference: { tenant: 'utc', table: 'usage_events', row: 'utc-1', different: 1, dimension: null },
  });
  expect(I8?.difference?.columns.map(({ column }) => column)).toEqual(['total_cost']);
  expect(I3?.ok).toBe(false);
});

test('a damaged line of a charge and a negative quantity are found', async () => {
  await damage(
    `update usage_events e set charge = jsonb_set(charge_of(e), '{0,4}', '"1"') where tenant_id = 'utc' and id = 'utc-1'`,
  );
  expect((await check()).I8?.difference).toMatchObject({ row: 'utc-1', different: 1 });
  await damage(
    `update usage_events e set usage = jsonb_set(usage_of(e), '{segments,0,quantities}', '{"input_uncached": "-3"}')
      where tenant_id = 'utc' and id = 'utc-0'`,
  );
  const { I8 } = await check();
  expect(I8?.difference).toMatchObject({ row: 'utc-1', different: 2 });
});

test('below a watermark the day rows are held against their quarter hours, and nothing is missed', async () => {
  await setDays(store.database, 'utc', 4);
  await retain(store.database);
  const { I3 } = await check();
  expect(I3).toMatchObject({ ok: true });
  expect(I3?.covered.days_without_events).toBeGreaterThan(5);
  await damage(
    "update rollups_day set requests = requests + 1 where tenant_id = 'utc' and bucket = '2026-11-13' and dimension = 'all'",
  );
  expect((await check(400)).I3?.difference).toMatchObject({ table: 'rollups_day', bucket: '2026-11-13' });
});

test('what was broken stays broken until it is repaired, whatever is drawn in between', async () => {
  await damage(
    "delete from rollups_day where tenant_id = 'utc' and dimension = 'all' and bucket = '2026-11-13'",
  );
  let found = (await check(400)).I3;
  expect(found?.ok).toBe(false);
  const since = found?.broken_since;
  found = (await check(0)).I3;
  expect(found).toMatchObject({ ok: false, broken_since: since });
  await damage(
    `insert into rollups_day select (jsonb_populate_record(null::rollups_day, to_jsonb(q) || '{"bucket": "2026-11-13"}')).*
       from rollups_15m q where tenant_id = 'utc' and dimension = 'all' and bucket::date = '2026-11-13'`,
  );
  found = (await check(0)).I3;
  expect(found).toMatchObject({ ok: true, difference: null, broken_since: null });
});

test('the time of a proof is bounded: what there was no time for is told', async () => {
  const hurried = createWatch({
    db: store.database,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    now: () => NOW + DAY,
    budgetMs: 0,
  });
  const [I3] = await hurried.check();
  expect(I3).toMatchObject({ ok: true, covered: { recent_days: 0, recent_days_of: 9, sampled_days: 0 } });
});
