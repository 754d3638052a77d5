/**
 * The answer to the client, made of the attempt that was chosen for it: byte for byte what the provider sent, but for the
 * usage chunk that only we asked for.
 *
 * The last bytes wait here until the event of the attempt is durable, then they go out. A client that has the whole
 * answer therefore has its event, whatever happens to this process next.
 */
import type { ServerResponse } from 'node:http';
import { type StreamPosition, UsageChunkFilter } from '@farthing/pricing/extract';
import type { AnswerHead } from '../attempt/answer-head.ts';
import type { Attempt } from '../attempt/attempt.ts';
import { UnusableAnswerError } from '../attempt/faults.ts';
import { downstreamHeaders } from '../headers/forwarded-headers.ts';
import { Client, type ClientEvents } from './client.ts';
import { HeldEnd } from './held-end.ts';

export interface ClientAnswerParts {
  readonly response: ServerResponse;
  /** Longest time a caller may take no byte of an answer that waits for it, milliseconds. */
  readonly stallMs: number;
  readonly isDraining: () => boolean;
  /** Takes memory until the call is over; false where there is none. */
  readonly takeRoom: (bytes: number) => boolean;
  readonly events: ClientEvents;
}

export class ClientAnswer {
  readonly #isDraining: () => boolean;
  readonly #client: Client;
  /** Bytes that must not go out before the event is durable. */
  readonly #held: HeldEnd;
  #filter: UsageChunkFilter | null = null;
  /** The attempt that is delivered; null until its answer has begun. */
  #attempt: Attempt | null = null;

  constructor({ response, stallMs, isDraining, takeRoom, events }: ClientAnswerParts) {
    this.#isDraining = isDraining;
    this.#held = new HeldEnd(takeRoom);
    this.#client = new Client(response, stallMs, events);
  }

  /** The client went away before its answer was whole. */
  get gone(): boolean {
    return this.#client.gone;
  }

  /** The client takes no bytes for now. */
  get blocked(): boolean {
    return this.#client.blocked;
  }

  /**
   * Begins the answer with the head of an attempt's.
   *
   * @throws UnusableAnswerError where HTTP cannot carry this head
   */
  begin(attempt: Attempt, { status, phrase, headers, encoding }: AnswerHead): void {
    const { recorded, framing } = attempt;
    const streams = framing !== null;
    if (recorded?.request.usageAdded === true && streams && encoding === undefined) {
      this.#filter = new UsageChunkFilter();
    }
    const down = downstreamHeaders(headers, this.#filter !== null);
    // So that a tracked client behind the gateway does not record the call a second time.
    if (recorded !== null) down.push('x-farthing-event-id', recorded.id);
    if (this.#isDraining()) down.push('connection', 'close');
    try {
      this.#client.start(status, phrase, down, streams);
    } catch (error) {
      throw new UnusableAnswerError('its head cannot be written', error);
    }
    this.#attempt = attempt;
  }

  /** Passes a piece on or holds it back. */
  take(piece: Buffer, position: StreamPosition | null): void {
    const attempt = this.#attempt;
    if (attempt === null || position === null) {
      this.#write(piece);
    } else if (attempt.framing === null) {
      // Any piece may complete the answer.
      this.#release();
      this.#held.push(piece);
    } else if (position === 'running') {
      this.#write(piece);
    } else {
      const mayWait = this.#held.push(piece);
      if (position === 'ended') attempt.settleThen('complete', () => this.#release());
      else if (!mayWait) this.#release();
    }
  }

  /** Ends the answer, its event being durable. An error: the provider broke off, and the client is to see that. */
  close(error: Error | null): void {
    if (error !== null) {
      this.#release();
      if (this.#filter !== null) this.#client.write(this.#filter.end());
      this.#client.breakOff();
    } else if (this.#filter !== null) {
      this.#release();
      this.#client.end(this.#filter.end(), this.#isDraining());
    } else {
      this.#client.end(this.#held.take(), this.#isDraining());
    }
  }

  #release(): void {
    const held = this.#held.take();
    if (held !== null) this.#write(held);
  }

  #write(piece: Buffer): void {
    this.#client.write(this.#filter === null ? piece : this.#filter.push(piece));
  }
}
