import { afterAll, beforeAll, expect, test } from 'vitest';
import { testEvent } from '../ledger/events.ts';
import { brokenInvariants } from '../ledger/invariants.ts';
import type { TestDatabase } from '../postgres/test-database.ts';
import { marked, openRecorder, poisonedDatabase, some, spoolOf } from './poisoned-recorder.ts';
import { timesStored, whereabouts } from './stored.ts';

let store: TestDatabase;
beforeAll(async () => {
  store = await poisonedDatabase();
});
afterAll(async () => {
  expect(await brokenInvariants(store.database)).toEqual([]);
  await store.drop();
});

const open = (spoolDirectory?: string) => openRecorder(store.database, spoolDirectory);

test('an event that Postgres cannot even be called off is refused alone, and what it locked is free again', async () => {
  const { recorder } = await open();
  const good = some(40, { tenant: 'acme' });
  const outcomes = await recorder.record([...good, marked('deaf')]);
  expect(outcomes.map(({ status }) => status)).toEqual([...Array<string>(40).fill('accepted'), 'rejected']);
  expect(await timesStored(store.database, good)).toEqual(Array<number>(40).fill(1));
});

test('one of these in the spool ends in quarantine, its neighbours in the ledger', async () => {
  const bad = marked('deaf');
  const good = some(40);
  const { recorder } = await open(await spoolOf([...good.slice(20), bad, ...good.slice(0, 20)]));
  await recorder.replayed();
  expect(await timesStored(store.database, good)).toEqual(Array<number>(40).fill(1));
  expect((await whereabouts(store.database)).quarantined.get(bad.id)).toHaveLength(1);
});

test('an event that fails is kept on disk where nothing tells it from a database that takes nothing, and never lost', async () => {
  const { recorder } = await open();
  const bad = marked('slow');
  expect(await recorder.record([bad])).toMatchObject([{ status: 'queued' }]);
  const good = testEvent({ tenant: 'globex' });
  expect(await recorder.record([good])).toMatchObject([{ status: 'accepted' }]);
  await expect
    .poll(async () => {
      await recorder.record([testEvent({ tenant: 'globex' })]);
      return (await whereabouts(store.database)).quarantined.get(bad.id)?.length;
    })
    .toBe(1);
  await recorder.replayed();
  expect(recorder.status()).toMatchObject({ mode: 'open', spooledEvents: 0 });
});

test('events in the spool that break every connection they are on end in quarantine too', async () => {
  const bad = marked('broken');
  const good = some(10);
  const { recorder } = await open(await spoolOf([...good, bad]));
  await recorder.replayed();
  expect(await timesStored(store.database, good)).toEqual(Array<number>(10).fill(1));
  expect((await whereabouts(store.database)).quarantined.get(bad.id)).toHaveLength(1);
});
