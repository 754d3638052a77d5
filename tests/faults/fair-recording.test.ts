import { afterAll, beforeAll, expect, test } from 'vitest';
import { testEvent } from '../ledger/events.ts';
import { brokenInvariants } from '../ledger/invariants.ts';
import { removeFolder, testRecorder } from '../ledger/recorders.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/test-database.ts';

let store: TestDatabase;
beforeAll(async () => {
  store = await createTestDatabase();
  await store.database.asOperator((tx) =>
    tx.query("insert into tenants (id, name) values ('flood', 'Flood'), ('one', 'One')"),
  );
});
afterAll(() => store.drop());

const flood = (count: number) => Array.from({ length: count }, () => testEvent({ tenant: 'flood' }));

test('while one tenant floods on 12 connections, another’s single events are in the next transactions', async () => {
  const { recorder, spoolDirectory } = await testRecorder(store.database, { limits: { batchEvents: 250 } });
  let open = 12;
  const floods = Array.from({ length: 12 }, async () => {
    const outcomes = await recorder.record(flood(800));
    open -= 1;
    return outcomes.every(({ status }) => status === 'accepted');
  });
  await expect.poll(() => recorder.status().queuedEvents, { interval: 1 }).toBeGreaterThan(2_000);
  const between: number[] = [];
  while (open > 4) {
    const before = recorder.status().commits;
    expect(await recorder.record([testEvent({ tenant: 'one' })])).toMatchObject([{ status: 'accepted' }]);
    between.push(recorder.status().commits - before);
  }
  expect(between.length).toBeGreaterThan(3);
  // One that runs in each of the two lanes, its own, and what the other lane ends meanwhile.
  expect(Math.max(...between)).toBeLessThanOrEqual(5);
  expect(await Promise.all(floods)).toEqual(Array(12).fill(true));
  await recorder.drain();
  await removeFolder(spoolDirectory);
  expect(await brokenInvariants(store.database)).toEqual([]);
});

test('a queue that one tenant has filled refuses that tenant and takes the other in', async () => {
  const { recorder, spoolDirectory } = await testRecorder(store.database, {
    limits: { queueBytes: 2_000_000 },
  });
  const filling = recorder.record(flood(900));
  await expect(recorder.record(flood(200))).rejects.toThrow('Too many events are waiting');
  const other = recorder.record([testEvent({ tenant: 'one' })]);
  expect(recorder.status().queuedBytes).toBeGreaterThan(1_000_000);
  expect(await other).toMatchObject([{ status: 'accepted' }]);
  await filling;
  await recorder.drain();
  await removeFolder(spoolDirectory);
});
