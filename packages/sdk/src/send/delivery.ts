/** Delivers events in the background: batches, retries with growing pauses, one request at a time. */
import type { UsageEventResult } from '@farthing/contract';
import type { DeliveryError, Settings } from '../settings.ts';
import { EventQueue, type QueuedEvent } from './event-queue.ts';
import { postBatch } from './post-batch.ts';

/** What became of the events so far. */
export interface DeliveryStats {
  /** Handed over by tracked calls and `record`. */
  readonly recorded: number;
  /** Taken by the server (duplicates of an earlier try and queued ones included). */
  readonly delivered: number;
  /** Refused by the server for good. */
  readonly rejected: number;
  /** Lost because the queue was full or the client was closed. */
  readonly dropped: number;
  /** Requests that failed and were or will be tried again. */
  readonly retries: number;
  readonly queued: number;
  readonly queuedBytes: number;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

export class Delivery {
  readonly #settings: Settings;
  readonly #queue: EventQueue;
  readonly #counts = { recorded: 0, delivered: 0, rejected: 0, dropped: 0, retries: 0 };
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;
  /** Failures in a row. */
  #failures = 0;
  /** Smaller than the setting after a 413. */
  #batchSize: number;
  #closed = false;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#queue = new EventQueue(settings.maxQueueBytes);
    this.#batchSize = settings.batchSize;
  }

  /** Takes one event; returns at once. */
  add(event: QueuedEvent): void {
    this.#counts.recorded += 1;
    if (this.#closed || !this.#queue.push(event)) {
      this.#counts.dropped += 1;
      const why = this.#closed
        ? 'the client is closed'
        : 'maxQueueBytes is reached; the server is away or too slow';
      this.#tell({ kind: 'dropped', message: why, eventIds: [event.id] });
      return;
    }
    if (this.#queue.length >= this.#batchSize && this.#failures === 0) this.#start();
    else this.#schedule(this.#settings.flushIntervalMs);
  }

  /**
   * Sends what waits now, without waiting out a pause.
   *
   * @returns true where nothing is left, false where the server did not take everything in time.
   */
  async flush(timeoutMs: number): Promise<boolean> {
    const deadline = performance.now() + timeoutMs;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeUp = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    // A run under way may end just before the newest event: one more run takes it.
    for (let run = 0; run < 2 && this.#queue.length > 0 && performance.now() < deadline; run += 1) {
      await Promise.race([this.#start(), timeUp]);
    }
    clearTimeout(timer);
    return this.#queue.length === 0;
  }

  /** Flushes, then refuses further events. */
  async close(timeoutMs: number): Promise<boolean> {
    const empty = await this.flush(timeoutMs);
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#counts.dropped += this.#queue.length;
    this.#queue.remove(this.#queue.length);
    return empty;
  }

  stats(): DeliveryStats {
    return { ...this.#counts, queued: this.#queue.length, queuedBytes: this.#queue.bytes };
  }

  #schedule(ms: number): void {
    if (this.#timer !== undefined || this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#start();
    }, ms);
    unref(this.#timer);
  }

  /** Starts sending, or joins the run under way. Never rejects. */
  #start(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running ??= this.#run()
      .catch((error: unknown) =>
        this.#tell({ kind: 'internal', message: String(error), eventIds: [], cause: error }),
      )
      .finally(() => {
        this.#running = undefined;
      });
    return this.#running;
  }

  /** Sends batch after batch until nothing waits or one fails. */
  async #run(): Promise<void> {
    while (this.#queue.length > 0 && !this.#closed) {
      const batch = this.#queue.peek(this.#batchSize);
      const outcome = await postBatch(batch, this.#settings);
      if (this.#closed) return;
      switch (outcome.kind) {
        case 'answered':
          this.#failures = 0;
          this.#queue.remove(batch.length);
          this.#count(batch, outcome.results);
          break;
        case 'refused':
          this.#queue.remove(batch.length);
          this.#counts.rejected += batch.length;
          this.#tell({
            kind: 'rejected',
            message: outcome.message,
            eventIds: batch.map((event) => event.id),
          });
          break;
        case 'too-large':
          this.#batchSize = Math.max(1, Math.floor(batch.length / 2));
          break;
        case 'retry': {
          this.#counts.retries += 1;
          this.#failures += 1;
          this.#schedule(outcome.afterMs ?? this.#pause());
          this.#tell({
            kind: 'unreachable',
            message: outcome.message,
            eventIds: batch.map((event) => event.id),
          });
          return;
        }
      }
    }
  }

  /** Exponential, with full jitter over its upper half, so that many clients do not return together. */
  #pause(): number {
    const most = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(this.#failures - 1, 10));
    return most / 2 + (Math.random() * most) / 2;
  }

  #count(batch: readonly QueuedEvent[], results: readonly UsageEventResult[]): void {
    for (const [index, event] of batch.entries()) {
      const result = results[index];
      if (result?.status !== 'rejected' && result?.status !== 'conflict') {
        this.#counts.delivered += 1;
        continue;
      }
      this.#counts.rejected += 1;
      const { code, message } = result.error;
      this.#tell({ kind: 'rejected', message: `${code}: ${message}`, eventIds: [event.id] });
    }
  }

  #tell(error: DeliveryError): void {
    try {
      this.#settings.onError(error);
    } catch {
      // A callback that throws must not stop the delivery.
    }
  }
}

/** A timer must not keep a process alive; elsewhere than in Node it is a number and cannot. */
function unref(timer: unknown): void {
  if (typeof timer === 'object' && timer !== null && 'unref' in timer && typeof timer.unref === 'function') {
    timer.unref();
  }
}
