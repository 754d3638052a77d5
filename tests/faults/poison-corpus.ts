/** Every poisoned event there is, given to recorder, journal and spool: none may cost a neighbour. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RecordOutcome, UsageEvent } from '../../packages/server/src/ledger/usage-event.ts';
import { createLog, recorderLog } from '../../packages/server/src/log.ts';
import { openJournal } from '../../packages/server/src/record/journal/journal.ts';
import { testEvent } from '../ledger/events.ts';
import { brokenInvariants } from '../ledger/invariants.ts';
import { removeFolder, temporaryFolder, testRecorder } from '../ledger/recorders.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/test-database.ts';
import { poisonEvents } from './poison-events.ts';
import { spoolOf } from './poisoned-recorder.ts';
import { timesStored } from './stored.ts';

/** Declares the tests; `size` as {@link poisonEvents} takes it. */
export function testPoisonCorpus(size: number): void {
  let store: TestDatabase;
  beforeAll(async () => {
    store = await createTestDatabase();
  });
  afterAll(() => store.drop());

  /** Each poisoned event with a good one before it; `durable`: only those that can be printed to a file at all. */
  function mixed(durable = false) {
    const poison = [...poisonEvents(size)].filter(([, event]) => !durable || onDisk(event) !== null);
    const good = poison.map(() => testEvent());
    return {
      poison,
      good,
      events: poison.flatMap(([, event], index) => [good[index] ?? testEvent(), event]),
    };
  }

  /** How often an event is kept, wherever that is; ids are found as text. */
  async function timesKept(events: readonly UsageEvent[], folder: string): Promise<readonly number[]> {
    const { rows } = await store.database.asOperator((tx) =>
      tx.query<{ id: string; hash: string }>(
        `select id, encode(content_hash, 'hex') as hash from event_ids
         union all select event_id, encode(content_hash, 'hex') from quarantined_events`,
      ),
    );
    const kept = rows.map(({ hash }) => hash);
    const aside = await readFile(path.join(folder, 'set-aside.ndjson'), 'utf8').catch(() => '');
    return events.map(({ contentHash }) => {
      const inDatabase = kept.filter((hash) => hash !== '' && contentHash?.startsWith(hash)).length;
      // A large one is in quarantine as an excerpt, and whole in the file.
      return inDatabase > 0 ? inDatabase : aside.split(JSON.stringify(contentHash)).length - 1;
    });
  }

  test('given to the recorder, each is stored or refused by itself, and its neighbours are in the ledger', async () => {
    const { recorder, spoolDirectory } = await testRecorder(store.database);
    const { poison, good, events } = mixed();
    const outcomes = await recorder.record(events);
    expect(new Set(outcomes.filter((_, at) => at % 2 === 0).map(({ status }) => status))).toEqual(
      new Set(['accepted']),
    );
    const of = (index: number): RecordOutcome | undefined => outcomes[index * 2 + 1];
    for (const [index, [what]] of poison.entries())
      expect([what, of(index)?.status]).toEqual([what, expect.stringMatching(/^(accepted|rejected)$/)]);
    expect(await timesStored(store.database, good)).toEqual(good.map(() => 1));
    expect(recorder.status()).toMatchObject({ mode: 'open', queuedEvents: 0, spooledEvents: 0 });
    const lines = logOf(poison.map(([, event], index) => [event, of(index)]));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(20_000);
    await recorder.drain();
    await removeFolder(spoolDirectory);
    expect(await brokenInvariants(store.database)).toEqual([]);
  });

  test('in the spool of an earlier run, each is kept once somewhere, also after a restart', async () => {
    const { poison, good, events } = mixed(true);
    const spoolDirectory = await spoolOf(events);
    const first = await testRecorder(store.database, { spoolDirectory });
    await first.recorder.replayed();
    expect(first.recorder.status()).toMatchObject({ mode: 'open', spooledEvents: 0 });
    await first.recorder.drain();
    const second = await testRecorder(store.database, { spoolDirectory });
    await second.recorder.replayed();
    expect((await second.recorder.record([testEvent()]))[0]?.status).toBe('accepted');
    await second.recorder.drain();
    expect(await timesStored(store.database, good)).toEqual(good.map(() => 1));
    const kept = await timesKept(
      poison.map(([, event]) => event),
      spoolDirectory,
    );
    expect(poison.map(([what], index) => [what, kept[index]])).toEqual(
      poison.map(([what, { contentHash }]) => [what, contentHash === null ? expect.any(Number) : 1]),
    );
    await removeFolder(spoolDirectory);
    expect(await brokenInvariants(store.database)).toEqual([]);
  });

  test('in the journal, each is recorded or put aside, and the journal empties', async () => {
    const { recorder, spoolDirectory } = await testRecorder(store.database);
    const directory = await temporaryFolder();
    const journal = await openJournal({
      directory,
      limits: { spoolBytes: 1e9, segmentBytes: 4e6 },
      recorder,
      quarantine: (event, reason) => recorder.keepAside(event, reason),
      onDelayed: () => undefined,
    });
    const { poison, good, events } = mixed(true);
    for (const event of events) await journal.keep(event);
    await expect.poll(() => journal.events, { timeout: 60_000 }).toBe(0);
    await journal.drain();
    expect(await timesStored(store.database, good)).toEqual(good.map(() => 1));
    const kept = await timesKept(
      poison.map(([, event]) => event),
      spoolDirectory,
    );
    expect(poison.map(([what], index) => [what, kept[index]])).toEqual(
      poison.map(([what, { contentHash }]) => [what, contentHash === null ? expect.any(Number) : 1]),
    );
    await recorder.drain();
    await Promise.all([removeFolder(directory), removeFolder(spoolDirectory)]);
  });
}

/** Its text in a file; null if it is nested too deeply for that. */
function onDisk(event: UsageEvent): string | null {
  try {
    return JSON.stringify(event);
  } catch {
    return null;
  }
}

/** What the log says of them. */
function logOf(told: readonly (readonly [UsageEvent, RecordOutcome | undefined])[]): readonly string[] {
  const lines: string[] = [];
  const log = recorderLog(createLog({ level: 'info', stream: { write: (line) => lines.push(line) } }));
  for (const [event, outcome] of told) if (outcome !== undefined) log.recorded(event, outcome);
  return lines;
}
