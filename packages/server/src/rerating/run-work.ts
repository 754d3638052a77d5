/** One run from where it stands to its end, in batches. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database, Log } from '../db/database.ts';
import { isStoreUnavailable } from '../db/store-errors.ts';
import { storeFault } from '../record/commit/store-faults.ts';
import { announceAll } from '../record/feed/announcer.ts';
import { type RatingStep, type StepResult, tookTooLong } from './batch.ts';
import { Pace } from './pace.ts';
import { countSelected, endRun, noteLongest } from './store.ts';

export interface RunWorkOptions {
  readonly db: Database;
  readonly log: Log;
  readonly step: RatingStep;
  /** Most events of one transaction. */
  readonly batchEvents: number;
}

const RETRY_MS = 250;

interface Tally {
  longestMs: number;
  previousMs: number;
  changed: number;
}

export class RunWork {
  readonly #options: RunWorkOptions;
  readonly #pace: Pace;

  constructor(options: RunWorkOptions) {
    this.#options = options;
    this.#pace = new Pace(options.batchEvents);
  }

  /**
   * Ends with the run, or where another process is at it, or after the batch under way once the signal is aborted. Rejects
   * while the database is away: the run stays open.
   */
  async carryOut(id: string, signal: AbortSignal): Promise<void> {
    const { db, log } = this.#options;
    await this.#count(id);
    this.#pace.begin();
    const tally: Tally = { longestMs: 0, previousMs: 0, changed: 0 };
    while (!signal.aborted) {
      const state = await this.#batch(id, tally);
      if (state === 'busy') return; // whoever is at it goes on; the next look finds it if it dies
      if (state === 'ended') break;
    }
    const { longestMs, changed } = tally;
    if (longestMs > 0) await db.asOperator((tx) => noteLongest(tx, id, longestMs));
    if (changed > 0) await announceAll(db);
    log.info({ run: id, changed, longest_ms: Math.ceil(longestMs) }, 'Re-rating came to an end or a pause');
  }

  async #batch(id: string, tally: Tally): Promise<StepResult['state']> {
    const allowed = this.#pace.next();
    try {
      const result = await this.#options.step(id, allowed.events, allowed.bounds, tally.previousMs);
      if (result.state === 'busy') return 'busy';
      tally.previousMs = result.lockedMs;
      tally.longestMs = Math.max(tally.longestMs, result.lockedMs);
      tally.changed += result.changed;
      this.#pace.passed(allowed);
      if (result.state === 'ended') return 'ended';
      this.#pace.fit(allowed, result.lockedMs);
    } catch (error) {
      if ((await this.#mend(id, error)) === 'ended') return 'ended';
    }
    await sleep(0); // requests of this process go first
    return 'more';
  }

  /** Waits or makes batches smaller where that helps; ends a run that no trying helps. */
  async #mend(id: string, error: unknown): Promise<'more' | 'ended'> {
    const { db, log } = this.#options;
    if (tookTooLong(error)) {
      const { single, unbound } = this.#pace.tooLong();
      if (unbound)
        log.warn({ run: id }, 'Events are re-rated without a bound on the time their rows are locked');
      if (single) await sleep(RETRY_MS * Math.random());
      return 'more';
    }
    if (isStoreUnavailable(error)) throw error; // the run stays open
    if (storeFault(error) === 'contention') {
      await sleep(RETRY_MS * Math.random());
      return 'more';
    }
    await db.asOperator((tx) => endRun(tx, id, 'failed', messageOf(error)));
    log.error({ run: id, error: messageOf(error) }, 'A re-rating run failed');
    return 'ended';
  }

  async #count(id: string): Promise<void> {
    const { db, log } = this.#options;
    try {
      await db.asOperator((tx) => countSelected(tx, id));
    } catch (error) {
      if (!tookTooLong(error)) throw error;
      log.info({ run: id }, 'The events of a re-rating run are too many to be counted first');
    }
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
