import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { testEvent } from '../../../../tests/ledger/events.ts';
import { brokenInvariants } from '../../../../tests/ledger/invariants.ts';
import {
  interruptible,
  removeFolder,
  temporaryFolder,
  testRecorder,
} from '../../../../tests/ledger/recorders.ts';
import { createTestDatabase, type TestDatabase } from '../../../../tests/postgres/test-database.ts';
import type { Database } from '../db/database.ts';
import type { RecordOutcome, UsageEvent } from '../ledger/usage-event.ts';
import type { RecorderLimits } from './limits.ts';
import { OverloadedError } from './overloaded-error.ts';
import { frame } from './spool/frames.ts';

let store: TestDatabase;
beforeAll(async () => {
  store = await createTestDatabase();
});
afterAll(() => store.drop());

async function folder(): Promise<string> {
  const directory = await temporaryFolder();
  onTestFinished(() => removeFolder(directory));
  return directory;
}

async function storedTimes(events: readonly UsageEvent[]): Promise<number[]> {
  const { rows } = await store.database.asOperator((tx) =>
    tx.query<{ id: string; n: string }>(
      'select id, count(*) as n from usage_events where id = any($1) group by id',
      [events.map((event) => event.id)],
    ),
  );
  const counts = new Map(rows.map((row) => [row.id, Number(row.n)]));
  return events.map((event) => counts.get(event.id) ?? 0);
}

const segments = async (directory: string) =>
  (await readdir(directory)).filter((name) => name.endsWith('.spool'));
const some = (count: number) => Array.from({ length: count }, () => testEvent());

async function open(limits: Partial<RecorderLimits> = {}, spoolDirectory?: string) {
  const db = interruptible(store.database);
  const directory = spoolDirectory ?? (await folder());
  return { db, directory, ...(await testRecorder(db, { spoolDirectory: directory, limits })) };
}

/** Leaves `events` in a spool as a run that ended during an outage does. */
async function spooled(events: readonly UsageEvent[]): Promise<string> {
  const { db, recorder, directory } = await open();
  db.away = true;
  await recorder.record(events);
  await recorder.drain();
  return directory;
}

test('events that arrive while the store is away are queued, and are all there once after it is back', async () => {
  const { db, directory, recorder } = await open({ segmentBytes: 4_000 });
  const before = some(5);
  await recorder.record(before);
  db.away = true;
  const during = some(60);
  const outcomes: (readonly RecordOutcome[])[] = [];
  for (let from = 0; from < during.length; from += 20) {
    const part = during.slice(from, from + 20);
    outcomes.push(...(await Promise.all(part.map((event) => recorder.record([event])))));
  }
  expect(outcomes.flat().every((outcome) => outcome.status === 'queued')).toBe(true);
  expect(recorder.status()).toMatchObject({ mode: 'spooling', spooledEvents: 60, queuedEvents: 0 });
  expect((await segments(directory)).length).toBeGreaterThan(1);
  db.away = false;
  await recorder.replayed();
  const after = some(5);
  expect((await recorder.record(after))[0]?.status).toBe('accepted');
  expect(await storedTimes([...before, ...during, ...after])).toEqual(Array(70).fill(1));
  expect(await segments(directory)).toEqual([]);
  expect(recorder.status()).toMatchObject({ mode: 'open', spooledEvents: 0, spooledBytes: 0 });
  await recorder.drain();
  expect(await brokenInvariants(store.database)).toEqual([]);
});

test('the spool of a run that ended during the outage is replayed by the next one', async () => {
  const events = some(20);
  const directory = await spooled(events);
  const next = await open({}, directory);
  await next.recorder.replayed();
  expect(await storedTimes(events)).toEqual(Array(20).fill(1));
  await next.recorder.drain();
});

test('events under load before, during and after an outage arrive once each, in a whole ledger', async () => {
  const { db, recorder } = await open({ segmentBytes: 20_000 });
  const events: UsageEvent[] = [];
  const calls: Promise<unknown>[] = [];
  for (let round = 0; round < 120; round += 1) {
    if (round === 30) db.away = true;
    if (round === 80) db.away = false;
    const batch = some(1 + (round % 5));
    events.push(...batch);
    calls.push(recorder.record(batch));
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
  await Promise.all(calls);
  await recorder.replayed();
  expect(await storedTimes(events)).toEqual(events.map(() => 1));
  await recorder.drain();
  expect(await brokenInvariants(store.database)).toEqual([]);
});

test('a segment replayed twice, as after a crash between commit and deletion, adds nothing', async () => {
  const events = some(8);
  const directory = await spooled(events);
  const [name] = await segments(directory);
  const content = await readFile(path.join(directory, name ?? ''));
  const first = await open({}, directory);
  await first.recorder.replayed();
  await first.recorder.drain();
  await writeFile(path.join(directory, name ?? ''), content);
  const second = await open({}, directory);
  await second.recorder.replayed();
  await second.recorder.drain();
  expect(await storedTimes(events)).toEqual(Array(8).fill(1));
  expect(second.failed).toEqual([]);
  expect(await brokenInvariants(store.database)).toEqual([]);
});

test('a torn last record is kept aside and reported, the rest is recovered', async () => {
  const events = some(3);
  const directory = await spooled(events);
  const [name] = await segments(directory);
  const file = path.join(directory, name ?? '');
  await truncate(file, (await readFile(file)).length - 7);
  const next = await open({}, directory);
  await next.recorder.replayed();
  expect(await storedTimes(events)).toEqual([1, 1, 0]);
  expect(next.failed).toMatchObject([{ damaged_stretches: 1, kept_in: `${file}.damaged` }]);
  expect(await readdir(directory)).toEqual([`${name}.damaged`]);
  await next.recorder.drain();
});

test('what turns out not to fit stands in quarantine with its reason: conflict, unknown tenant, unstorable', async () => {
  const known = testEvent();
  const { db, recorder, failed } = await open();
  await recorder.record([known]);
  db.away = true;
  const misfits = [
    testEvent({ id: known.id, input: 77 }),
    testEvent({ tenant: 'nobody' }),
    testEvent({ metadata: { note: '\u0000' } }),
  ];
  const good = testEvent();
  const outcomes = await recorder.record([...misfits, good]);
  expect(outcomes.map((outcome) => outcome.status)).toEqual(['queued', 'queued', 'queued', 'queued']);
  db.away = false;
  await recorder.replayed();
  const { rows } = await store.database.asOperator((tx) =>
    tx.query<{ event_id: string }>('select event_id from quarantined_events where event_id = any($1)', [
      misfits.map((event) => event.id),
    ]),
  );
  expect(rows.map((row) => row.event_id).sort()).toEqual(misfits.map((event) => event.id).sort());
  expect(failed).toHaveLength(3);
  expect(recorder.status().quarantinedEvents).toBe(3);
  expect(await storedTimes([good])).toEqual([1]);
  await recorder.drain();
});

test('a reported event sent after its cut-short one was spooled supersedes it', async () => {
  const { db, recorder } = await open();
  db.away = true;
  const cut = testEvent({ source: 'partial', output: 1 });
  await recorder.record([cut]);
  await recorder.record([testEvent({ id: cut.id })]);
  db.away = false;
  await recorder.replayed();
  const { rows } = await store.database.asOperator((tx) =>
    tx.query("select coalesce(usage_source, 'reported') as usage_source from usage_events where id = $1", [
      cut.id,
    ]),
  );
  expect(rows).toEqual([{ usage_source: 'reported' }]);
  await recorder.drain();
});

test('a full spool refuses, keeps what it acknowledged and takes events again after the replay', async () => {
  const { db, recorder } = await open({ spoolBytes: 20_000 });
  db.away = true;
  const acknowledged: UsageEvent[] = [];
  const fill = async () => {
    for (;;) {
      const event = testEvent();
      await recorder.record([event]);
      acknowledged.push(event);
    }
  };
  await expect(fill()).rejects.toThrow(OverloadedError);
  expect(acknowledged.length).toBeGreaterThan(3);
  db.away = false;
  await recorder.replayed();
  expect(await storedTimes(acknowledged)).toEqual(acknowledged.map(() => 1));
  expect((await recorder.record([testEvent()]))[0]?.status).toBe('accepted');
  await recorder.drain();
});

test('a commit whose answer is lost is repeated and answered as accepted, once in the ledger', async () => {
  let lost = 0;
  const flaky: Database = {
    ...store.database,
    async asWriter(work) {
      const result = await store.database.asWriter(work);
      if (lost === 0) {
        lost += 1;
        throw new Error('Connection terminated unexpectedly');
      }
      return result;
    },
  };
  const directory = await folder();
  const { recorder } = await testRecorder(flaky, { spoolDirectory: directory });
  const events = some(3);
  const outcomes = await recorder.record(events);
  expect(outcomes.map((outcome) => outcome.status)).toEqual(['accepted', 'accepted', 'accepted']);
  expect(await storedTimes(events)).toEqual([1, 1, 1]);
  await recorder.drain();
  expect(await brokenInvariants(store.database)).toEqual([]);
});

test('a defect fails the call with "Cost recording failed" instead of pretending', async () => {
  const defect = vi.fn(() => Promise.reject(new Error('a defect')));
  const { recorder, failed } = await testRecorder(
    { ...store.database, asWriter: defect },
    { spoolDirectory: await folder() },
  );
  await expect(recorder.record([testEvent()])).rejects.toThrow('a defect');
  expect(failed).toMatchObject([{ error: 'a defect' }]);
  await recorder.drain();
});

test('a frame that is no event is set aside and does not stop the replay', async () => {
  const events = some(2);
  const directory = await spooled(events);
  const [name] = await segments(directory);
  const file = path.join(directory, name ?? '');
  await writeFile(file, Buffer.concat([frame(Buffer.from('{not json')), await readFile(file)]));
  const next = await open({}, directory);
  await next.recorder.replayed();
  expect(await storedTimes(events)).toEqual([1, 1]);
  await next.recorder.drain();
});
