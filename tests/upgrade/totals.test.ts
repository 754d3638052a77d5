/** A ledger that was written before there were totals over all models. */
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rebuildRollups } from '../../packages/server/src/rollups/rebuild.ts';
import { seedEvents, seedTenant } from '../postgres/seed-events.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/test-database.ts';
import { eventArbitrary, TENANTS } from '../reading/naive-ledger.ts';

const MIGRATION = new URL('../../packages/server/src/db/migrations/0011_totals.sql', import.meta.url);

let store: TestDatabase;

beforeAll(async () => {
  store = await createTestDatabase();
  for (const [id, zone] of Object.entries(TENANTS)) await seedTenant(store.database, id, zone);
  await seedEvents(store.database, fc.sample(eventArbitrary, { numRuns: 400, seed: 3 }));
});
afterAll(() => store.drop());

const check = () =>
  rebuildRollups(store.database, {
    tenant: null,
    from: null,
    to: null,
    check: true,
    watermarkOf: async () => null,
  });

test('its totals are made of the sums that are there, and equal its events', async () => {
  const whole = await check();
  expect(whole).toMatchObject({ different: 0 });
  await store.database.asOperator(async (tx) => {
    await tx.query("delete from rollups_15m where dimension = 'total'");
    await tx.query("delete from rollups_day where dimension like 'total%'");
  });
  expect((await check()).different).toBeGreaterThan(400);
  const sql = await readFile(MIGRATION, 'utf8');
  await store.database.asOwner((tx) => tx.query(sql));
  expect(await check()).toEqual(whole);
});
