/** One call of `record` that waits until each of its events has its outcome. */
import type { RecordOutcome, UsageEvent } from '../../ledger/usage-event.ts';
import type { RecorderLog } from '../recorder.ts';
import type { Caller } from './queue.ts';

/** One promise per call, not per event: a call may bring thousands. */
export class WaitingCall implements Caller {
  /** In the order of the call; rejects with the first failure, once every event is settled or failed. */
  readonly outcomes: Promise<readonly RecordOutcome[]>;
  readonly #settled: RecordOutcome[];
  readonly #log: Pick<RecorderLog, 'recorded'>;
  readonly #end = Promise.withResolvers<readonly RecordOutcome[]>();
  #waiting: number;
  #failure: { readonly error: unknown } | null = null;

  constructor(events: number, log: Pick<RecorderLog, 'recorded'>) {
    this.#settled = new Array<RecordOutcome>(events);
    this.#waiting = events;
    this.#log = log;
    this.outcomes = this.#end.promise;
    // The caller may still be rating the rest when the first events fail; it meets the failure at the end.
    this.outcomes.catch(() => undefined);
  }

  settled(position: number, event: UsageEvent, outcome: RecordOutcome): void {
    this.#settled[position] = outcome;
    this.#log.recorded(event, outcome);
    this.#one();
  }

  failed(error: unknown): void {
    this.#failure ??= { error };
    this.#one();
  }

  #one(): void {
    this.#waiting -= 1;
    if (this.#waiting > 0) return;
    if (this.#failure === null) this.#end.resolve(this.#settled);
    else this.#end.reject(this.#failure.error);
  }
}
