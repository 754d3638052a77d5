/** Records what stands in the journal's files, segment by segment, and never ends over one that fails. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordOutcome, UsageEvent } from '../../ledger/usage-event.ts';
import { storeFault } from '../commit/store-faults.ts';
import { JOURNAL_GATHER_MS } from '../limits.ts';
import { OverloadedError } from '../overloaded-error.ts';
import type { Recorder } from '../recorder.ts';
import type { Spool, SpoolSegment } from '../spool/spool.ts';

export interface SegmentRecordingOptions {
  readonly file: Spool;
  readonly recorder: Pick<Recorder, 'record'>;
  /** Keeps an event that the ledger did not take, with the reason. */
  readonly quarantine: (event: UsageEvent, reason: string) => Promise<void>;
  readonly onDelayed: (error: unknown) => void;
}

const LONGEST_RETRY_MS = 2_000;
/** Tries of one segment that fail by a defect before its events are recorded one by one. */
const TRIES_TOGETHER = 3;

export class SegmentRecording {
  readonly #options: SegmentRecordingOptions;
  readonly #stopping = new AbortController();
  #working: Promise<void> | null = null;
  /** The segment that a defect keeps from being recorded, and how often it was tried. */
  #stuck = { name: '', tries: 0 };

  constructor(options: SegmentRecordingOptions) {
    this.#options = options;
  }

  /** There is something to record. */
  wake(): void {
    const { file } = this.#options;
    this.#working ??= this.#recordAll().finally(() => {
      this.#working = null;
      if (file.bytes > 0 && !this.#stopping.signal.aborted) this.wake();
    });
  }

  /** Puts what the ledger refused aside, with its reason. */
  async settle(events: readonly UsageEvent[], outcomes: readonly RecordOutcome[]): Promise<void> {
    for (const [index, outcome] of outcomes.entries()) {
      const event = events[index];
      if (event === undefined) continue;
      if (outcome.status === 'conflict' || outcome.status === 'rejected')
        await this.#setAside(event, outcome.message);
    }
  }

  /** Records what is left, at once, and stops; what fails now stays where it is. */
  async drain(): Promise<void> {
    this.#stopping.abort();
    await this.#working;
    if (this.#options.file.bytes > 0) await this.#recordAll();
  }

  async #recordAll(): Promise<void> {
    const { file, onDelayed } = this.#options;
    const { signal } = this.#stopping;
    let retryMs = JOURNAL_GATHER_MS;
    while (file.bytes > 0) {
      await sleep(retryMs, undefined, { signal }).catch(() => undefined);
      try {
        const segment = await file.oldest();
        if (segment === null) return;
        await this.#recordSegment(segment);
        retryMs = JOURNAL_GATHER_MS;
      } catch (error) {
        onDelayed(error);
        if (signal.aborted) return;
        retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
      }
    }
  }

  async #recordSegment(segment: SpoolSegment): Promise<void> {
    const { name, events, damagedFile } = segment;
    const { file, onDelayed } = this.#options;
    if (damagedFile !== null) onDelayed(new Error(`damaged stretches are kept in ${damagedFile}`));
    if (this.#stuck.name === name && this.#stuck.tries >= TRIES_TOGETHER) await this.#recordSingly(events);
    else await this.#recordTogether(name, events);
    // Only now: a failed quarantine leaves the segment to be tried again, and what is recorded is recognised by its id.
    await file.remove(segment);
  }

  async #recordTogether(name: string, events: readonly UsageEvent[]): Promise<void> {
    try {
      await this.settle(events, await this.#options.recorder.record(events));
    } catch (error) {
      if (isDefect(error))
        this.#stuck = { name, tries: this.#stuck.name === name ? this.#stuck.tries + 1 : 1 };
      throw error;
    }
  }

  /** One event that nothing can record must not hold up all others for ever. */
  async #recordSingly(events: readonly UsageEvent[]): Promise<void> {
    for (const event of events) {
      try {
        await this.settle([event], await this.#options.recorder.record([event]));
      } catch (error) {
        if (!isDefect(error)) throw error;
        await this.#setAside(event, `It could not be recorded: ${messageOf(error)}`);
      }
    }
  }

  /** Into quarantine, or into a file where Postgres refuses even that. */
  async #setAside(event: UsageEvent, reason: string): Promise<void> {
    try {
      await this.#options.quarantine(event, reason);
    } catch (error) {
      if (storeFault(error) !== 'data') throw error;
      await this.#options.file.setAside(event, reason);
    }
  }
}

/** Neither the store nor the recorder is away: the same attempt would fail again. */
function isDefect(error: unknown): boolean {
  return !(error instanceof OverloadedError) && storeFault(error) !== 'away';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
