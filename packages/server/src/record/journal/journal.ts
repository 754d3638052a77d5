/**
 * The journal: events that nobody waits to see priced are durable after one fsync and reach the ledger a moment later,
 * many in one transaction. A gateway answer ends when its event is in the journal; what a crash leaves there is
 * recorded at the next start, and its ids make a second time harmless.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordOutcome, UsageEvent } from '../../ledger/usage-event.ts';
import { storeFault } from '../commit/store-faults.ts';
import { JOURNAL_GATHER_MS } from '../limits.ts';
import { OverloadedError } from '../overloaded-error.ts';
import type { Recorder } from '../recorder.ts';
import {
  openSpool,
  type SpoolLimits,
  type SpoolOptions,
  type SpoolSegment,
  type SpoolView,
} from '../spool/spool.ts';

export interface Journal {
  /** Events that are durable and not yet recorded. */
  readonly events: number;
  /**
   * Resolves once the event is durable: on disk, or in the ledger where the disk fails. Rejects when neither takes it, with
   * `OverloadedError` where a later try may help.
   */
  keep(event: UsageEvent): Promise<void>;
  /**
   * Why an event could not be kept on disk now; null where it can. For whoever spends money before there is an event. It
   * heals by itself.
   */
  refusal(): OverloadedError | null;
  /** How its files stand. */
  readonly files: SpoolView;
  /** Records what is left and stops; what cannot be recorded now stays for the next start. Never rejects. */
  drain(): Promise<void>;
}

export interface JournalOptions extends SpoolOptions {
  /** Folder of the journal; one process at a time, guarded by the data folder's lock. */
  readonly directory: string;
  readonly limits: SpoolLimits;
  readonly recorder: Pick<Recorder, 'record'>;
  /** Keeps an event that the ledger did not take, with the reason: it was acknowledged, so it is never dropped. */
  readonly quarantine: (event: UsageEvent, reason: string) => Promise<void>;
  /** The ledger or the disk cannot give or take events right now; the journal keeps them and tries again. */
  readonly onDelayed: (error: unknown) => void;
}

const LONGEST_RETRY_MS = 2_000;
/** Tries of one segment that fail by a defect before its events are recorded one by one. */
const TRIES_TOGETHER = 3;

/** Opens the journal and begins to record what an earlier process left in it. */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { recorder, onDelayed } = options;
  const file = await openSpool(options.directory, options.limits, options);
  const stopping = new AbortController();
  let working: Promise<void> | null = null;
  /** The segment that a defect keeps from being recorded, and how often it was tried. */
  let stuck = { name: '', tries: 0 };

  async function recordAll(): Promise<void> {
    let retryMs = JOURNAL_GATHER_MS;
    while (file.bytes > 0) {
      await sleep(retryMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      try {
        const segment = await file.oldest();
        if (segment === null) return;
        await recordSegment(segment);
        retryMs = JOURNAL_GATHER_MS;
      } catch (error) {
        onDelayed(error);
        if (stopping.signal.aborted) return;
        retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
      }
    }
  }

  async function recordSegment(segment: SpoolSegment): Promise<void> {
    const { name, events, damagedFile } = segment;
    if (damagedFile !== null) onDelayed(new Error(`damaged stretches are kept in ${damagedFile}`));
    if (stuck.name === name && stuck.tries >= TRIES_TOGETHER) await recordSingly(events);
    else await recordTogether(name, events);
    // Only now: a failed quarantine leaves the segment to be tried again, and what is recorded is recognised by its id.
    await file.remove(segment);
  }

  async function recordTogether(name: string, events: readonly UsageEvent[]): Promise<void> {
    try {
      await settle(events, await recorder.record(events));
    } catch (error) {
      if (isDefect(error)) stuck = { name, tries: stuck.name === name ? stuck.tries + 1 : 1 };
      throw error;
    }
  }

  /** One event that nothing can record must not hold up all others for ever. */
  async function recordSingly(events: readonly UsageEvent[]): Promise<void> {
    for (const event of events) {
      try {
        await settle([event], await recorder.record([event]));
      } catch (error) {
        if (!isDefect(error)) throw error;
        await setAside(event, `It could not be recorded: ${messageOf(error)}`);
      }
    }
  }

  async function settle(events: readonly UsageEvent[], outcomes: readonly RecordOutcome[]): Promise<void> {
    for (const [index, outcome] of outcomes.entries()) {
      const event = events[index];
      if (event === undefined) continue;
      if (outcome.status === 'conflict' || outcome.status === 'rejected')
        await setAside(event, outcome.message);
    }
  }

  /** Into quarantine, or into a file where Postgres refuses even that. */
  async function setAside(event: UsageEvent, reason: string): Promise<void> {
    try {
      await options.quarantine(event, reason);
    } catch (error) {
      if (storeFault(error) !== 'data') throw error;
      await file.setAside(event, reason);
    }
  }

  function wake(): void {
    working ??= recordAll().finally(() => {
      working = null;
      if (file.bytes > 0 && !stopping.signal.aborted) wake();
    });
  }

  file.onReturned(wake);
  if (file.bytes > 0) wake();
  return {
    get events() {
      return file.events;
    },
    files: file,
    refusal: () => file.refusal(),
    async keep(event) {
      try {
        const tooLong = await file.append([event]);
        if (tooLong.length > 0) throw new RangeError('The event is too long to be kept on disk.');
        wake();
      } catch (error) {
        if (!(error instanceof OverloadedError)) throw error;
        // The ledger may well be there where the disk is not.
        const outcomes = await recorder.record([event]).catch(() => Promise.reject(error));
        await settle([event], outcomes);
      }
    },
    async drain() {
      stopping.abort();
      await working;
      if (file.bytes > 0) await recordAll();
      await file.close();
    },
  };
}

/** Neither the store nor the recorder is away: the same attempt would fail again. */
function isDefect(error: unknown): boolean {
  return !(error instanceof OverloadedError) && storeFault(error) !== 'away';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
