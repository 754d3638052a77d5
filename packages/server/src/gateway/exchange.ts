/**
 * One call under way between a provider and a client: makes the attempt, chooses the attempt whose answer the client
 * gets, and ends both sides. Today there is one attempt, and the client gets its answer.
 */
import type { StreamPosition } from '@farthing/pricing/extract';
import type { Dispatcher } from 'undici';
import { ClientAnswer } from './answer/client-answer.ts';
import type { AnswerHead } from './attempt/answer-head.ts';
import { Attempt, type Receiver } from './attempt/attempt.ts';
import { CallFaultError, UnusableAnswerError, UpstreamUnreachableError } from './attempt/faults.ts';
import { send } from './attempt/send.ts';
import type { Call } from './call.ts';
import type { Settle } from './recording/outcome.ts';
import { recordedAttempt } from './recording/recorded-attempt.ts';
import type { GatewaySettings } from './settings.ts';
import type { Ongoing } from './under-way.ts';

export interface ExchangeParts {
  readonly call: Call;
  readonly connections: Dispatcher;
  readonly settings: GatewaySettings;
  /** Makes the event of an attempt durable. */
  readonly settle: Settle;
  readonly isDraining: () => boolean;
  /** Called if an answer cannot be read for its usage; the answer is still passed on. */
  readonly onReadFault: (error: unknown) => void;
  /** Takes memory until the call is over; false where there is none. */
  readonly takeRoom: (bytes: number) => boolean;
}

/** Every call into an exchange (undici, the client's events, timers, promises) goes through its `guard`. */
export class Exchange implements Receiver, Ongoing {
  readonly #parts: ExchangeParts;
  readonly #answer: ClientAnswer;
  readonly #attempt: Attempt;
  readonly #over = Promise.withResolvers<void>();
  #readOn: NodeJS.Timeout | null = null;
  #isOver = false;

  constructor(parts: ExchangeParts) {
    const { call, settings, isDraining, takeRoom } = parts;
    this.#parts = parts;
    this.#answer = new ClientAnswer({
      response: call.response,
      stallMs: settings.upstreamTimeoutMs,
      isDraining,
      takeRoom,
      events: {
        onDrain: () => this.guard(() => this.#attempt.resume()),
        onGone: () => this.guard(() => this.#clientGone()),
      },
    });
    this.#attempt = this.#newAttempt();
  }

  /**
   * Resolves when the call is over on both sides and its event was settled.
   * @throws UpstreamUnreachableError before anything was sent to the client
   * @throws CallFaultError where the gateway itself failed
   */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  get gone(): boolean {
    return this.#answer.gone;
  }

  get blocked(): boolean {
    return this.#answer.blocked;
  }

  /** Sends the request up. */
  start(): void {
    const { connections, settings } = this.#parts;
    send(this.#attempt, { connections, timeoutMs: settings.upstreamTimeoutMs, receiver: this });
  }

  /** Ends a call whose client has left and that is only read for its usage. */
  stopReading(): void {
    this.guard(() => {
      if (this.gone) this.#attempt.cut();
    });
  }

  /** An attempt has an answer, and the client has heard nothing: the place to prefer another attempt to it. */
  begun(attempt: Attempt, head: AnswerHead): void {
    this.#answer.begin(attempt, head);
  }

  take(piece: Buffer, position: StreamPosition | null): void {
    this.#answer.take(piece, position);
  }

  ended(attempt: Attempt, error: Error | null): void {
    attempt.settleThen(error === null ? 'complete' : 'aborted', () => {
      if (this.#readOn !== null) clearTimeout(this.#readOn);
      if (attempt.status === null) this.#unanswered(error ?? new UnusableAnswerError('it has no head'));
      else {
        this.#answer.close(error);
        this.#done(null);
      }
    });
  }

  /** Runs a part of this call. A fault in it ends this call, with an event and a log line, and no other. */
  guard(run: () => void): void {
    if (this.#isOver) return;
    try {
      run();
    } catch (error) {
      this.fault(error);
    }
  }

  /**
   * Ends the call after a fault of this code: the provider is disconnected, the event says `error`, and the client gets
   * an error or is cut off.
   */
  fault(cause: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#readOn !== null) clearTimeout(this.#readOn);
    const over = () => this.#done(new CallFaultError(cause));
    this.#attempt.breakDown().then(over, over);
  }

  #newAttempt(): Attempt {
    const { call, settings, settle, onReadFault } = this.#parts;
    return new Attempt({
      call,
      recorded: recordedAttempt(call),
      settle,
      strict: settings.durability === 'strict',
      receiver: this,
      onReadFault,
    });
  }

  /** An attempt got no answer, and the client has heard nothing: the place to make another attempt. */
  #unanswered(error: Error): void {
    this.#done(this.gone ? null : new UpstreamUnreachableError(error));
  }

  #done(error: Error | null): void {
    this.#isOver = true;
    if (error === null) this.#over.resolve();
    else this.#over.reject(error);
  }

  #clientGone(): void {
    if (!this.#readsOn()) {
      this.#attempt.abandon();
      return;
    }
    this.#readOn = setTimeout(() => this.stopReading(), this.#parts.settings.readOnMs);
    this.#attempt.resume();
  }

  /** Reading on is only worthwhile if the call's usage is still to come. */
  #readsOn(): boolean {
    const { recorded, settled } = this.#attempt;
    return recorded !== null && !settled && this.#parts.settings.onClientDisconnect === 'read_on';
  }
}
