import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FaultyFiles } from '../../../../../tests/faults/faulty-files.ts';
import { testEvent } from '../../../../../tests/ledger/events.ts';
import type { RecordOutcome, UsageEvent } from '../../ledger/usage-event.ts';
import { OverloadedError } from '../overloaded-error.ts';
import { diskFiles } from '../spool/files.ts';
import { type Journal, openJournal } from './journal.ts';

const LIMITS = { spoolBytes: 1_000_000, segmentBytes: 100_000 };

let directory: string;
let recorded: UsageEvent[][];
let failing: Error | null;
const delayed: unknown[] = [];
const quarantined: string[] = [];
let quarantineFails: Error | null;
let files: FaultyFiles;
/** Events that the recorder refuses. */
let poison: (event: UsageEvent) => Error | null;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'farthing-journal-'));
  recorded = [];
  failing = null;
  delayed.length = 0;
  quarantined.length = 0;
  quarantineFails = null;
  files = new FaultyFiles(diskFiles);
  poison = () => null;
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const open = (answer: (event: UsageEvent) => RecordOutcome = accepted): Promise<Journal> =>
  openJournal({
    directory,
    limits: LIMITS,
    files,
    recorder: {
      record: async (events) => {
        if (failing !== null) throw failing;
        for (const event of events) {
          const fault = poison(event);
          if (fault !== null) throw fault;
        }
        recorded.push([...events]);
        return events.map(answer);
      },
    },
    quarantine: async (event, reason) => {
      if (quarantineFails !== null) throw quarantineFails;
      quarantined.push(`${event.id}: ${reason}`);
    },
    onDelayed: (error) => delayed.push(error),
  });
const accepted = (event: UsageEvent): RecordOutcome => ({
  status: 'accepted',
  id: event.id,
  costPicos: 0n,
  unpriced: [],
});
const ids = () => recorded.flat().map((event) => event.id);

describe('the journal', () => {
  it('records what it was given, in order, many together', async () => {
    const journal = await open();
    const events = Array.from({ length: 50 }, (_, index) => testEvent({ id: `e${index}` }));
    await Promise.all(events.map((event) => journal.keep(event)));
    expect(recorded.length).toBe(0); // durable before the ledger is involved
    await expect.poll(() => ids().length).toBe(50);
    expect(ids()).toEqual(events.map((event) => event.id));
    expect(recorded.length).toBeLessThan(10);
    await expect.poll(() => journal.events).toBe(0);
    await journal.drain();
  });

  it('keeps what the ledger cannot take and records it later', async () => {
    const journal = await open();
    failing = new Error('away');
    await journal.keep(testEvent({ id: 'late' }));
    await expect.poll(() => delayed.length).toBeGreaterThan(0);
    failing = null;
    await expect.poll(ids).toEqual(['late']);
    await journal.drain();
  });

  it('hands over at the next start what a stop or a crash left', async () => {
    const first = await open();
    failing = new Error('away');
    await first.keep(testEvent({ id: 'left' }));
    await first.drain();
    failing = null;
    const second = await open();
    await expect.poll(ids).toEqual(['left']);
    await second.drain();
  });

  it('records everything before a stop ends', async () => {
    const journal = await open();
    await journal.keep(testEvent({ id: 'last' }));
    await journal.drain();
    expect(ids()).toEqual(['last']);
  });

  it('quarantines with its reason what the ledger refuses, and lets go of it only then', async () => {
    const journal = await open((event) => ({ status: 'conflict', id: event.id, message: 'taken' }));
    quarantineFails = new Error('away');
    await journal.keep(testEvent({ id: 'twice' }));
    await expect.poll(() => delayed.length).toBeGreaterThan(0);
    expect(journal.events).toBe(1);
    quarantineFails = null;
    await expect.poll(() => quarantined).toEqual(['twice: taken']);
    await expect.poll(() => journal.events).toBe(0);
    await journal.drain();
  });

  it('refuses an event past its bound instead of losing it', async () => {
    const journal = await open();
    failing = new Error('away');
    const large = testEvent({ id: 'large', metadata: { text: 'x'.repeat(LIMITS.spoolBytes) } });
    await expect(journal.keep(large)).rejects.toThrow(/full/);
    await journal.drain();
  });

  it.each(['EIO', 'EMFILE', 'EACCES'] as const)(
    'survives a segment that cannot be read (%s), tells it, and records it when it can',
    async (code) => {
      const journal = await open();
      const end = files.begin({ operations: ['read'], code });
      await journal.keep(testEvent({ id: 'unread' }));
      await expect.poll(() => delayed.map(String)).toContainEqual(expect.stringMatching(/cannot be read/));
      expect(recorded).toEqual([]);
      end();
      await expect.poll(ids).toEqual(['unread']);
      await journal.drain();
    },
  );

  it('records other segments while one of them cannot be read', async () => {
    const first = await open();
    failing = new Error('away');
    await first.keep(testEvent({ id: 'unread' }));
    await first.drain();
    failing = null;
    const journal = await open();
    await expect.poll(() => journal.events).toBe(0);
    recorded = [];
    files.begin({ operations: ['read'], code: 'EIO', times: 1 });
    await journal.keep(testEvent({ id: 'a' }));
    await expect.poll(ids).toEqual(['a']);
    await journal.drain();
  });

  it('records an event straight into the ledger where the disk fails, and refuses for the next until it can write', async () => {
    const journal = await open();
    expect(journal.refusal()).toBeNull();
    files.begin({ operations: ['write'], code: 'ENOSPC' });
    await journal.keep(testEvent({ id: 'straight' }));
    expect(ids()).toEqual(['straight']);
    expect(journal.refusal()).toBeInstanceOf(OverloadedError);
    expect(journal.refusal()?.message).toMatch(/no space is left/);
    files.heal();
    await expect.poll(() => journal.refusal()).toBeNull();
    await journal.keep(testEvent({ id: 'again' }));
    await expect.poll(ids).toEqual(['straight', 'again']);
    await journal.drain();
  });

  it('refuses an event that neither the disk nor the ledger takes', async () => {
    const journal = await open();
    files.begin({ operations: ['datasync'], code: 'EIO' });
    failing = new Error('away');
    await expect(journal.keep(testEvent())).rejects.toThrow(OverloadedError);
    await journal.drain();
  });

  it('an event that a defect keeps from being recorded is quarantined, and holds up no other for long', async () => {
    const journal = await open();
    poison = ({ id }) => (id === 'poison' ? new Error('invalid memory alloc request size') : null);
    await Promise.all(['one', 'poison', 'two'].map((id) => journal.keep(testEvent({ id }))));
    await expect.poll(() => quarantined).toEqual([expect.stringMatching(/^poison: .*memory alloc/)]);
    await expect.poll(ids).toEqual(['one', 'two']);
    await expect.poll(() => journal.events).toBe(0);
    await journal.drain();
  });

  it('ends its drain whatever the disk says', async () => {
    const journal = await open();
    failing = new Error('away');
    await journal.keep(testEvent());
    files.begin({ code: 'EIO' });
    await expect(journal.drain()).resolves.toBeUndefined();
  });
});
