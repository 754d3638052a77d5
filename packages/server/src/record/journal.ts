/**
 * The journal: events that nobody waits to see priced are durable after one fsync and reach the ledger a moment later,
 * many in one transaction. A gateway answer ends when its event is in the journal; what a crash leaves there is
 * recorded at the next start, and its ids make a second time harmless.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { UsageEvent } from '../ledger/usage-event.ts';
import type { Recorder } from './recorder-types.ts';
import { openSpool, type SpoolLimits, type SpoolSegment } from './spool/spool.ts';

export interface Journal {
  /** Events that are durable and not yet recorded. */
  readonly events: number;
  /** Resolves once the event is on disk. Refuses with `Overloaded` when the journal is full. */
  keep(event: UsageEvent): Promise<void>;
  /** Records what is left and stops; what cannot be recorded now stays for the next start. */
  drain(): Promise<void>;
}

export interface JournalOptions {
  /** Folder of the journal; one process at a time, guarded by the data folder's lock. */
  readonly directory: string;
  readonly limits: SpoolLimits;
  readonly recorder: Pick<Recorder, 'record'>;
  /** Keeps an event that the ledger did not take, with the reason: it was acknowledged, so it is never dropped. */
  readonly quarantine: (event: UsageEvent, reason: string) => Promise<void>;
  /** The ledger cannot take events right now; the journal keeps them and tries again. */
  readonly onDelayed: (error: unknown) => void;
}

/** How long events gather before they are recorded; well under the second within which a dashboard shows them. */
const GATHER_MS = 80;
const LONGEST_RETRY_MS = 2_000;

/** Opens the journal and begins to record what an earlier process left in it. */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { recorder, quarantine, onDelayed } = options;
  const file = await openSpool(options.directory, options.limits);
  const stopping = new AbortController();
  let working: Promise<void> | null = null;

  async function recordAll(): Promise<void> {
    let retryMs = GATHER_MS;
    while (file.bytes > 0) {
      await sleep(retryMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      const segment = await file.oldest();
      if (segment === null) return;
      try {
        await recordSegment(segment);
        retryMs = GATHER_MS;
      } catch (error) {
        onDelayed(error);
        if (stopping.signal.aborted) return;
        retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
      }
    }
  }

  async function recordSegment(segment: SpoolSegment): Promise<void> {
    if (segment.damagedFile !== null)
      onDelayed(new Error(`damaged stretches are kept in ${segment.damagedFile}`));
    const outcomes = await recorder.record(segment.events);
    for (const [index, outcome] of outcomes.entries()) {
      const event = segment.events[index];
      if (event === undefined) continue;
      if (outcome.status === 'conflict' || outcome.status === 'rejected')
        await quarantine(event, outcome.message);
    }
    // Only now: a failed quarantine leaves the segment to be tried again, and what is recorded is recognised by its id.
    await file.remove(segment);
  }

  function wake(): void {
    working ??= recordAll().finally(() => {
      working = null;
      if (file.bytes > 0 && !stopping.signal.aborted) wake();
    });
  }

  if (file.bytes > 0) wake();
  return {
    get events() {
      return file.events;
    },
    async keep(event) {
      await file.append([event]);
      wake();
    },
    async drain() {
      stopping.abort();
      await working;
      if (file.bytes > 0) await recordAll();
      await file.close();
    },
  };
}
