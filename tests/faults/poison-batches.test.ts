import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { UsageEvent } from '../../packages/server/src/ledger/usage-event.ts';
import { openJournal } from '../../packages/server/src/record/journal/journal.ts';
import { testEvent } from '../ledger/events.ts';
import { brokenInvariants } from '../ledger/invariants.ts';
import { removeFolder, temporaryFolder } from '../ledger/recorders.ts';
import type { TestDatabase } from '../postgres/test-database.ts';
import type { Mark } from './marked-events.ts';
import { marked, openRecorder, poisonedDatabase, some, spoolOf } from './poisoned-recorder.ts';
import { timesStored, whereabouts } from './stored.ts';

/** That break nothing else and are quick; the others have their tests among the long ones. */
const USUAL_MARKS: readonly Mark[] = ['slow', 'alloc', 'memory', 'limit'];

let store: TestDatabase;
beforeAll(async () => {
  store = await poisonedDatabase();
});
afterAll(async () => {
  expect(await brokenInvariants(store.database)).toEqual([]);
  await store.drop();
});

const open = (spoolDirectory?: string) => openRecorder(store.database, spoolDirectory);

describe('an event that is too much for Postgres, among others', () => {
  test.each(USUAL_MARKS)('(%s) is refused alone: the rest of its batch is stored, once', async (mark) => {
    const { recorder } = await open();
    const bad = marked(mark);
    const good = some(40, { tenant: 'acme' });
    const outcomes = await recorder.record([...good.slice(0, 20), bad, ...good.slice(20)]);
    expect(outcomes.map(({ status }) => status)).toEqual([
      ...Array<string>(20).fill('accepted'),
      'rejected',
      ...Array<string>(20).fill('accepted'),
    ]);
    expect(outcomes[20]).toMatchObject({
      id: bad.id,
      code: mark === 'limit' ? 'invalid_event' : 'unstorable_event',
    });
    expect(await timesStored(store.database, [...good, bad])).toEqual([...Array<number>(40).fill(1), 0]);
    expect(recorder.status()).toMatchObject({ mode: 'open', spooledEvents: 0, asideEvents: 0 });
    if (mark !== 'limit')
      expect(recorder.status()).toMatchObject({
        isolatedEvents: 1,
        lastIsolated: { tenant: 'acme', eventId: bad.id },
      });
  });

  test('leaves those of other tenants to the other lane: dozens of their transactions pass meanwhile', async () => {
    const { recorder } = await open();
    const poisoned = recorder.record([...some(10, { tenant: 'acme' }), marked('slow')]);
    let done = false;
    void poisoned.then(() => {
      done = true;
    });
    const others: UsageEvent[] = [];
    const statuses = new Set<string>();
    while (!done) {
      const event = testEvent({ tenant: 'globex' });
      others.push(event);
      statuses.add((await recorder.record([event]))[0]?.status ?? '');
    }
    expect([...statuses]).toEqual(['accepted']);
    expect(others.length).toBeGreaterThan(20);
    expect((await poisoned).at(-1)).toMatchObject({ status: 'rejected' });
  });
});

describe('the spool of an earlier run with events that are too much for Postgres', () => {
  test('is replayed all the same: they are in quarantine with a reason, their neighbours in the ledger', async () => {
    const bad = USUAL_MARKS.map(marked);
    const good = some(48);
    const directory = await spoolOf(
      bad.flatMap((event, index) => [...good.slice(index * 12, index * 12 + 12), event]),
    );
    const first = await open(directory);
    await first.recorder.replayed();
    expect(await timesStored(store.database, good)).toEqual(Array<number>(48).fill(1));
    const { quarantined } = await whereabouts(store.database);
    for (const { id } of bad) expect(quarantined.get(id)).toHaveLength(1);
    expect(first.recorder.status()).toMatchObject({ quarantinedEvents: bad.length, spooledEvents: 0 });
    await first.recorder.drain();
    const second = await open(directory);
    await second.recorder.replayed();
    expect(second.failed).toEqual([]);
  });

  test('does not keep new events waiting while it is tried apart', async () => {
    const { recorder } = await open(await spoolOf([marked('slow'), ...some(5)]));
    await expect
      .poll(async () => (await recorder.record([testEvent({ tenant: 'globex' })]))[0]?.status)
      .toBe('accepted');
    expect(recorder.status().spooledEvents).toBeGreaterThan(0);
    await recorder.replayed();
  });
});

test('the journal gets past such an event: it is in quarantine, what came with it in the ledger', async () => {
  const { recorder } = await open();
  const directory = await temporaryFolder();
  const journal = await openJournal({
    directory,
    limits: { spoolBytes: 1e8, segmentBytes: 1e6 },
    recorder,
    quarantine: (event, reason) => recorder.keepAside(event, reason),
    onDelayed: () => undefined,
  });
  const [bad, good] = [marked('alloc'), some(20)];
  await Promise.all([...good, bad].map((event) => journal.keep(event)));
  await expect.poll(() => journal.events).toBe(0);
  await recorder.replayed();
  expect(await timesStored(store.database, good)).toEqual(Array<number>(20).fill(1));
  expect((await whereabouts(store.database)).quarantined.get(bad.id)).toHaveLength(1);
  await journal.drain();
  await removeFolder(directory);
});

test('rows that others have locked are nobody’s fault: the event is queued, and stored once they are free', async () => {
  const { recorder } = await open();
  await recorder.record(some(3, { tenant: 'acme', model: 'gpt-4o-mini' }));
  const locked = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const holder = store.database.asOwner(async (tx) => {
    await tx.query('set local role farthing_operator');
    await tx.query("select 1 from rollups_15m where tenant_id = 'acme' for update");
    locked.resolve();
    await release.promise;
  });
  await locked.promise;
  const blocked = testEvent({ tenant: 'acme', model: 'gpt-4o-mini' });
  const neighbour = testEvent({ tenant: 'globex' });
  const [, outcomes] = await Promise.all([
    recorder.record([neighbour]).then((answer) => expect(answer).toMatchObject([{ status: 'accepted' }])),
    recorder.record([blocked]),
  ]);
  expect(outcomes).toMatchObject([{ status: 'queued' }]);
  expect(await recorder.record(some(2, { tenant: 'globex' }))).toMatchObject([
    { status: 'accepted' },
    { status: 'accepted' },
  ]);
  release.resolve();
  await holder;
  await recorder.replayed();
  expect(await timesStored(store.database, [blocked, neighbour])).toEqual([1, 1]);
});

test('a server that stops while an event is tried apart stops within moments, and keeps it', async () => {
  const { recorder, spoolDirectory } = await open();
  const bad = marked('slow');
  const answer = recorder.record([...some(3), bad]);
  await expect.poll(() => recorder.status().asideEvents).toBeGreaterThan(0);
  await recorder.drain();
  await answer;
  const { stored } = await whereabouts(store.database);
  expect(stored.get(bad.id)).toBeUndefined();
  const next = await open(spoolDirectory);
  await expect
    .poll(
      async () => {
        await next.recorder.record([testEvent()]);
        return next.recorder.status().spooledEvents;
      },
      { timeout: 20_000 },
    )
    .toBe(0);
  expect(await brokenInvariants(store.database)).toEqual([]);
});
