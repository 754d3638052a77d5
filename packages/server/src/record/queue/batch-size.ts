/**
 * Number of events per transaction. Normally all that wait, up to a limit, since large transactions cost least per
 * event. While several tenants write, only as many as take a moment, so that the next tenant does not wait long.
 */
import { FEWEST_BATCH_EVENTS, FIRST_BATCH_EVENTS, LONG_TRANSACTION_MS } from '../limits.ts';

/** How long several tenants count as writing after they were seen to. */
const SHARED_MS = 5_000;

export class BatchSize {
  readonly #most: number;
  #events: number;
  #sharedUntil = Number.NEGATIVE_INFINITY;

  /** `most`: events of a transaction however fast the database is. */
  constructor(most: number) {
    this.#most = most;
    this.#events = Math.min(most, FIRST_BATCH_EVENTS);
  }

  get events(): number {
    return this.#isShared() ? this.#events : this.#most;
  }

  /** Several tenants have something waiting or in a transaction. */
  shared(): void {
    this.#sharedUntil = performance.now() + SHARED_MS;
  }

  #isShared(): boolean {
    return performance.now() < this.#sharedUntil;
  }

  /** Adapts to a transaction: halves the size if it took too long, doubles it if a full one was quick. */
  took(events: number, ms: number): void {
    if (!this.#isShared()) return;
    if (ms > LONG_TRANSACTION_MS)
      this.#events = Math.max(Math.min(FEWEST_BATCH_EVENTS, this.#most), Math.ceil(this.#events / 2));
    else if (ms < LONG_TRANSACTION_MS / 2 && events >= this.#events)
      this.#events = Math.min(this.#most, this.#events * 2);
  }
}
