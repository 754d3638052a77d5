import { afterEach, beforeEach, expect, test } from 'vitest';
import { proveSums } from '../../packages/server/src/rollups/invariants.ts';
import { testEvent } from '../ledger/events.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/test-database.ts';
import { count, DAY, history, makeTenants, NOW, record, retain, setDays, sums } from './ledger.ts';

let store: TestDatabase;
beforeEach(async () => {
  store = await createTestDatabase();
  await makeTenants(store.database, { kathmandu: 'Asia/Kathmandu', utc: 'UTC' });
});
afterEach(() => store.drop());

test('what is past its retention goes with its ids and adjustments; every sum stays, and neighbours lose nothing', async () => {
  const db = store.database;
  const old = testEvent({ tenant: 'kathmandu', id: 'twice', time: NOW - 60 * DAY, source: 'estimated' });
  await record(db, [...history('kathmandu', 900, 90), ...history('utc', 100, 90), old]);
  await record(db, [testEvent({ tenant: 'kathmandu', id: 'twice', time: NOW - 60 * DAY, input: 9 })]);
  expect(await count(db, 'cost_adjustments')).toBe(1);
  const before = await sums(db);
  await setDays(db, 'kathmandu', 30);

  const round = await retain(db);

  // Today and 30 days before it, in Kathmandu, 5:45 ahead.
  const watermark = new Date(Date.UTC(2026, 9, 22, 18, 15));
  const { rows } = await db.asOperator((tx) => tx.query('select id, events_from from tenants order by id'));
  expect(rows).toEqual([
    { id: 'default', events_from: null },
    { id: 'kathmandu', events_from: watermark },
    { id: 'utc', events_from: null },
  ]);
  const kept = history('kathmandu', 900, 90).filter(({ time }) => time >= watermark.getTime()).length;
  expect(round).toMatchObject({
    watermarks_moved: 1,
    months_dropped: 0,
    events_deleted: 901 - kept,
    complete: true,
  });
  expect(await count(db, `usage_events where tenant_id = 'kathmandu'`)).toBe(kept);
  expect(await count(db, `event_ids where tenant_id = 'kathmandu'`)).toBe(kept);
  expect(await count(db, 'cost_adjustments')).toBe(0);
  expect(await count(db, `usage_events where tenant_id = 'utc'`)).toBe(100);
  expect(await sums(db)).toEqual(before);
});

test('an event from before the watermark is refused with its own code, so that no sum counts it twice', async () => {
  const db = store.database;
  const events = history('utc', 60, 60);
  await record(db, events);
  await setDays(db, 'utc', 10);
  await retain(db);
  const before = await sums(db);
  const again = await record(db, events);
  expect(again.filter((status) => status === 'duplicate')).toHaveLength(11);
  expect(again.filter((status) => status === 'rejected: past_retention')).toHaveLength(49);
  expect(await sums(db)).toEqual(before);
});

test('nothing is deleted before every process can know the watermark', async () => {
  const db = store.database;
  await record(db, history('utc', 60, 60));
  await setDays(db, 'utc', 10);
  expect(await retain(db, { graceMs: 60_000 })).toMatchObject({ watermarks_moved: 1, events_deleted: 0 });
  expect(await count(db, 'usage_events')).toBe(60);
  // A minute later.
  await db.asOperator((tx) =>
    tx.query("update tenants set events_from_at = events_from_at - interval '61 seconds'"),
  );
  expect(await retain(db, { graceMs: 60_000 })).toMatchObject({ watermarks_moved: 0, events_deleted: 49 });
});

test('a watermark never moves back: longer retention keeps what comes, not what is gone', async () => {
  const db = store.database;
  await setDays(db, 'utc', 10);
  await retain(db);
  await setDays(db, 'utc', 100);
  expect(await retain(db)).toMatchObject({ watermarks_moved: 0 });
  await setDays(db, 'utc', null);
  expect(await retain(db)).toMatchObject({ watermarks_moved: 0 });
  expect(await record(db, [testEvent({ tenant: 'utc', time: NOW - 20 * DAY })])).toEqual([
    'rejected: past_retention',
  ]);
});

test('the instance’s maximum holds for every tenant, and months below all watermarks are dropped as a whole', async () => {
  const db = store.database;
  await record(db, [...history('kathmandu', 300, 200), ...history('utc', 300, 200)]);
  const before = await sums(db);
  const months = () => count(db, "pg_inherits where inhparent = 'usage_events'::regclass");
  const all = await months();
  await setDays(db, 'utc', 20);

  const round = await retain(db, { instanceDays: 60 });

  // 23 September begins the watermark of the tenant that keeps longest: May to August go.
  expect(round).toMatchObject({ watermarks_moved: 3, months_dropped: 4, complete: true });
  expect(await months()).toBe(all - 4);
  expect(
    await count(db, 'usage_events e join tenants t on t.id = e.tenant_id where event_time < events_from'),
  ).toBe(0);
  expect(
    await count(
      db,
      `event_ids i full join usage_events e using (tenant_id, id, event_time) where i.id is null or e.id is null`,
    ),
  ).toBe(0);
  expect(await sums(db)).toEqual(before);
  // The month is created again if it may still be written to.
  await makeTenants(db, { late: 'UTC' });
  expect(await record(db, [testEvent({ tenant: 'late', time: NOW - 190 * DAY })])).toEqual(['accepted']);
});

test('a month stays while one tenant keeps its events', async () => {
  const db = store.database;
  await record(db, [...history('kathmandu', 100, 200), ...history('utc', 100, 200)]);
  await setDays(db, 'utc', 20);
  expect(await retain(db)).toMatchObject({ months_dropped: 0, complete: true });
  expect(await count(db, `usage_events where tenant_id = 'kathmandu'`)).toBe(100);
});

test('a round that is cut short is finished by the next one', async () => {
  const db = store.database;
  await record(db, [...history('kathmandu', 300, 200), ...history('utc', 300, 200)]);
  await setDays(db, 'utc', 20);
  const cut = await retain(db, { instanceDays: 60, signal: AbortSignal.abort() });
  expect(cut).toMatchObject({ watermarks_moved: 3, months_dropped: 0, events_deleted: 0, complete: false });
  expect(await retain(db, { instanceDays: 60 })).toMatchObject({ months_dropped: 4, complete: true });
});

test('what was set aside goes when it has stood for as long as events are kept', async () => {
  const db = store.database;
  await db.asWriter((tx) =>
    tx.query(
      `insert into quarantined_events (tenant_id, event_id, content_hash, at, reason, event)
       select 'utc', n::text, sha256(n::text::bytea), $1::timestamptz - n * interval '1 day', 'why', '{}'
         from generate_series(0, 39) n`,
      [new Date(NOW)],
    ),
  );
  await setDays(db, 'utc', 30);
  expect(await retain(db)).toMatchObject({ quarantined_deleted: 9 });
  expect(await count(db, 'quarantined_events')).toBe(31);
});

test('above the watermark sums equal events; a day that the watermark has passed is proved without its events', async () => {
  const db = store.database;
  await record(db, history('kathmandu', 400, 90));
  await setDays(db, 'kathmandu', 30);
  await retain(db);
  const watermark = Date.UTC(2026, 9, 22, 18, 15);
  const prove = (from: number, to: number, events: boolean) =>
    db.asOperator((tx) => proveSums(tx, { tenant: 'kathmandu', from, to }, events));
  expect((await prove(watermark, NOW + DAY, true)).difference).toBeNull();
  expect((await prove(watermark - 60 * DAY, watermark, false)).difference).toBeNull();
  expect((await prove(watermark - 60 * DAY, watermark, true)).difference).not.toBeNull();
});
