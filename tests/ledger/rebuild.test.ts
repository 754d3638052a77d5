import fc from 'fast-check';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Database } from '../../packages/server/src/db/database.ts';
import type { Recorder } from '../../packages/server/src/record/recorder.ts';
import { compareRollups, type RebuildPiece } from '../../packages/server/src/rollups/compare.ts';
import { rebuildDays, rebuildRollups } from '../../packages/server/src/rollups/rebuild.ts';
import { setTenantZone } from '../../packages/server/src/rollups/write-tenant-zone.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/test-database.ts';
import { testEvent } from './events.ts';
import { brokenInvariants } from './invariants.ts';
import { addTenants, randomEvent, tenantOf } from './random-ledger.ts';
import { removeFolder, testRecorder } from './recorders.ts';

const TENANT = tenantOf('Asia/Kathmandu');
const EVERYTHING = { tenant: null, from: null, to: null, check: false, watermarkOf: async () => null };

/** As releases before the schema's version 17 kept sums. */
const SPELT_OUT = `list_cost = coalesce(list_cost, total_cost), timed_requests = coalesce(timed_requests, requests),
  input_cost = coalesce(input_cost, total_cost - output_cost - coalesce(other_cost, 0)),
  other_cost = coalesce(other_cost, 0), errors = coalesce(errors, 0)`;

let store: TestDatabase;
beforeAll(async () => {
  store = await createTestDatabase();
  await addTenants(store.database);
  const { recorder } = await openRecorder();
  await recorder.record(fc.sample(randomEvent(5_000), { numRuns: 1_000, seed: 11 }).map(testEvent));
  await recorder.drain();
});
afterAll(() => store.drop());

function openRecorder() {
  return testRecorder(store.database);
}

/** Records random events of {@link TENANT} until it is stopped. */
function startWriting(recorder: Recorder, name: string): () => Promise<void> {
  let writing = true;
  const work = async () => {
    for (let round = 0; writing; round += 1) {
      const events = fc.sample(randomEvent(30), { numRuns: 20, seed: round + name.length });
      await recorder.record(
        events.map((one) => testEvent({ ...one, tenant: TENANT, id: `${name}-${round}-${one.id}` })),
      );
    }
  };
  const done = work();
  return () => {
    writing = false;
    return done;
  };
}

const change = (sql: string, values: readonly unknown[] = []) =>
  store.database.asOperator(async (tx) => (await tx.query(sql, values)).rowCount);

/** Every row of both tables as text, system columns included: an update that changes nothing would show too. */
async function allRows(): Promise<readonly string[]> {
  const { rows } = await store.database.asOperator((tx) =>
    tx.query<{ row: string }>(
      `select r.xmin::text || r::text as row from rollups_15m r union all select r.xmin::text || r::text from rollups_day r
        order by 1`,
    ),
  );
  return rows.map(({ row }) => row);
}

test('rebuilding what is right changes nothing, not even a row version', async () => {
  const before = await allRows();
  const found = await rebuildRollups(store.database, EVERYTHING);
  expect(found).toEqual({ compared: expect.any(Number), different: 0, first: null });
  expect(found.compared).toBeGreaterThan(4_000);
  expect(await allRows()).toEqual(before);
});

test('a check names the first row that differs with what it should be, and changes nothing', async () => {
  const of = "tenant_id = $1 and dimension = 'user' and value = 'v'";
  const { rows } = await store.database.asOperator((tx) =>
    tx.query<{ bucket: Date; model: string; total_cost: string; requests: string }>(
      `select * from rollups_15m where ${of} and total_cost > 0 order by bucket desc limit 1`,
      [TENANT],
    ),
  );
  const [row] = rows;
  if (row === undefined) throw new Error('The sample has no such row.');
  const damage = (by: number) =>
    change(
      `update rollups_15m set total_cost = total_cost + $4, requests = requests - $4
        where ${of} and bucket = $2 and model = $3`,
      [TENANT, row.bucket, row.model, by],
    );
  const cut = `from rollups_15m where ${of} and bucket = $2 and model = $3`;
  const touched = Number(
    (
      await store.database.asOperator((tx) =>
        tx.query<{ n: string }>(`select count(*) as n ${cut}`, [TENANT, row.bucket, row.model]),
      )
    ).rows[0]?.n,
  );
  await damage(1);
  const damaged = await allRows();
  const found = await rebuildRollups(store.database, { ...EVERYTHING, check: true });
  expect(await allRows()).toEqual(damaged);
  // The quarter hours themselves, and the day that no longer is their sum.
  expect(found.different).toBeGreaterThanOrEqual(touched + 1);
  expect(found.first).toMatchObject({ table: 'rollups_15m', tenant: TENANT, dimension: 'user', value: 'v' });
  expect(found.first?.bucket).toBe(row.bucket.toISOString());
  expect(found.first?.columns.map(({ column }) => column)).toEqual([
    'requests',
    'total_cost',
    'input_cost',
    'list_cost',
  ]);
  const [requests] = found.first?.columns ?? [];
  expect(Number(requests?.shouldBe)).toBe(Number(requests?.is) + 1);
  await damage(-1);
});

test('sums and events that hold what null stands for are compared and added to like the others', async () => {
  const written: { readonly [table: string]: string } = {
    usage_events: `service_tier = coalesce(service_tier, 'standard'), usage_source = coalesce(usage_source, 'reported'),
      other_cost = coalesce(other_cost, 0), cache_read_tokens = coalesce(cache_read_tokens, 0),
      cache_write_cost = coalesce(cache_write_cost, 0), requested_model = replace(requested_model, '=', model)`,
    rollups_15m: SPELT_OUT,
    rollups_day: SPELT_OUT,
  };
  for (const [table, values] of Object.entries(written)) {
    expect(await change(`update ${table} set ${values} where tenant_id = $1`, [TENANT])).toBeGreaterThan(0);
  }
  expect(await rebuildRollups(store.database, { ...EVERYTHING, check: true })).toMatchObject({
    different: 0,
  });
  const { recorder } = await openRecorder();
  const events = fc.sample(randomEvent(5_000), { numRuns: 200, seed: 12 });
  await recorder.record(events.map((one) => testEvent({ ...one, tenant: TENANT, id: `spelt-${one.id}` })));
  await recorder.drain();
  expect(await brokenInvariants(store.database)).toEqual([]);
});

test('whatever is damaged, missing or invented is put right, and no row of zeros stays behind', async () => {
  await change('delete from rollups_15m where tenant_id = $1 and dimension = $2', [TENANT, 'tag.team']);
  await change(
    `update rollups_15m set l03 = coalesce(l03, 0) + 7, latency_us = 0, list_cost = coalesce(list_cost, total_cost) * 2
      where tenant_id = $1 and dimension = 'all'`,
    [TENANT],
  );
  await change(
    `insert into rollups_15m select tenant_id, 'tag.invented', bucket, 'x', provider, model, operation, 1, 0, 0, 5, 5, 0,
       0, 0, 1, 1, 0, 0, 0 from rollups_15m where tenant_id = $1 and dimension = 'all'`,
    [TENANT],
  );
  await change('delete from rollups_day where tenant_id = $1 and bucket < $2', [TENANT, '2026-10-01']);
  const found = await rebuildRollups(store.database, { ...EVERYTHING, tenant: TENANT });
  expect(found.different).toBeGreaterThan(100);
  expect(await rebuildRollups(store.database, EVERYTHING)).toMatchObject({ different: 0 });
  const left = await store.database.asOperator((tx) =>
    tx.query("select from rollups_15m where dimension = 'tag.invented'"),
  );
  expect(left.rowCount).toBe(0);
});

test('a rebuild of some hours leaves the others alone', async () => {
  const at = Date.UTC(2026, 10, 10);
  const piece = { from: at, to: at + 86_400_000 };
  const inside = "bucket >= '2026-11-10Z' and bucket < '2026-11-11Z'";
  const damage = (where: string, by: number) =>
    change(
      `update rollups_15m set errors = errors + $1 where tenant_id = $2 and dimension = 'all' and ${where}`,
      [by, TENANT],
    );
  expect(await damage(inside, 3)).toBeGreaterThan(0);
  const others = await damage(`not (${inside})`, 3);
  expect(others).toBeGreaterThan(0);
  await rebuildRollups(store.database, { ...EVERYTHING, ...piece });
  const compare = (piece: Omit<RebuildPiece, 'tenant'>) =>
    store.database.asOperator((tx) => compareRollups(tx, { tenant: TENANT, ...piece }));
  const quarterHours = await compare(piece);
  expect(quarterHours.first?.table).not.toBe('rollups_15m');
  expect((await compare({ from: 0, to: Date.UTC(2030, 0, 1) })).different).toBeGreaterThanOrEqual(others);
  await damage(`not (${inside})`, -3);
  await rebuildDays(store.database, TENANT);
});

test('below the watermark the rollups are the record: events that are gone take nothing out of them', async () => {
  const before = await allRows();
  const cut = Date.UTC(2026, 8, 1);
  await store.database.asOwner(async (tx) => {
    await tx.query('set local role farthing_operator');
    await tx.query(
      'create temporary table kept on commit drop as select * from usage_events where event_time < $1',
      [new Date(cut)],
    );
    await tx.query('delete from usage_events where event_time < $1', [new Date(cut)]);
    const asOperator: Database['asOperator'] = (work) => work(tx);
    const db = { ...store.database, asOperator };
    const found = await rebuildRollups(db, { ...EVERYTHING, watermarkOf: async () => cut });
    expect(found).toMatchObject({ different: 0 });
    expect(found.compared).toBeGreaterThan(1_000);
    await tx.query('insert into usage_events select * from kept');
  });
  expect(await allRows()).toEqual(before);
});

test('a piece whose events begin to go while it is compared is compared again', async () => {
  const marks = [Date.UTC(2026, 0, 1), Date.UTC(2030, 0, 1)];
  const asked: number[] = [];
  const found = await rebuildRollups(store.database, {
    ...EVERYTHING,
    tenant: TENANT,
    watermarkOf: async () => {
      asked.push(marks[0] ?? 0);
      return (marks.length > 1 ? marks.shift() : marks[0]) ?? null;
    },
  });
  expect(found).toEqual({ compared: 0, different: 0, first: null });
  expect(asked.length).toBeGreaterThan(2);
});

test('events that come in meanwhile are in the rebuilt rollups once, with two rebuilds at a time', async () => {
  const { recorder, spoolDirectory, failed } = await openRecorder();
  onTestFinished(() => removeFolder(spoolDirectory));
  const writers = ['a', 'bb', 'ccc'].map((name) => startWriting(recorder, name));
  const only = { ...EVERYTHING, tenant: TENANT };
  for (let round = 0; round < 3; round += 1) {
    await change(
      "update rollups_15m set errors = errors + 1 where tenant_id = $1 and dimension = 'agent' and value = 'a'",
      [TENANT],
    );
    const found = await Promise.all([
      rebuildRollups(store.database, only),
      rebuildRollups(store.database, only),
    ]);
    expect(found.filter(({ different }) => different > 0)).toHaveLength(1);
  }
  await Promise.all(writers.map((stop) => stop()));
  await recorder.drain();
  expect(failed).toEqual([]);
  expect(await brokenInvariants(store.database)).toEqual([]);
});

test('a tenant that moves to another zone has its days cut anew, while events come in', async () => {
  const { recorder, spoolDirectory } = await openRecorder();
  onTestFinished(() => removeFolder(spoolDirectory));
  const writers = ['move', 'other'].map((name) => startWriting(recorder, name));
  for (const zone of ['America/St_Johns', 'Africa/Casablanca', 'UTC', 'Asia/Kathmandu']) {
    const moved = await setTenantZone(store.database, TENANT, zone);
    expect(moved.different).toBeGreaterThan(0);
    const found = await rebuildRollups(store.database, { ...EVERYTHING, tenant: TENANT, check: true });
    expect(found).toMatchObject({ different: 0 });
  }
  await Promise.all(writers.map((stop) => stop()));
  await recorder.drain();
  await expect(setTenantZone(store.database, TENANT, 'Mars/Olympus')).rejects.toThrow(RangeError);
  expect(await brokenInvariants(store.database)).toEqual([]);
});
