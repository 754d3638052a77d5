/**
 * An attempt: one request to a provider, and its answer. It receives the answer piece by piece, has a copy read for its
 * usage, and is settled once, at its end. It knows no client: its receiver decides, before any byte is passed on,
 * whether the client gets this answer.
 */
import type { Framing, StreamPosition } from '@farthing/pricing/extract';
import type { Dispatcher } from 'undici';
import type { Call } from '../call.ts';
import { openUsageReader } from '../reading/open-usage-reader.ts';
import type { UsageReader } from '../reading/usage-reader.ts';
import type { AttemptOutcome, Settle } from '../recording/outcome.ts';
import type { RecordedAttempt } from '../recording/recorded-attempt.ts';
import { answerFraming } from './answer-framing.ts';
import type { AnswerHead } from './answer-head.ts';
import { hintOf } from './answer-hint.ts';
import { UnusableAnswerError } from './faults.ts';

/** Receives the events of attempts. */
export interface Receiver {
  /** True once no client waits for the answer. */
  readonly gone: boolean;
  /** True while the receiver can take no more: the provider must wait. */
  readonly blocked: boolean;
  /**
   * The answer has begun.
   * @throws UnusableAnswerError where it is none that can be passed on: the attempt then ends without an answer
   */
  begun(attempt: Attempt, head: AnswerHead): void;
  /** A piece of the answer; its position is null where nothing has to wait for it. */
  take(piece: Buffer, position: StreamPosition | null): void;
  /** The attempt ended and every piece was processed. With an error: the provider broke off, or never answered. */
  ended(attempt: Attempt, error: Error | null): void;
  /** Runs a part of the call; a fault in it ends the call. */
  guard(run: () => void): void;
  /** Ends the call where this code failed. */
  fault(cause: unknown): void;
}

export interface AttemptParts {
  readonly call: Call;
  /** Null: the call only passes through. */
  readonly recorded: RecordedAttempt | null;
  readonly settle: Settle;
  /** The end of the answer waits until the event is durable. */
  readonly strict: boolean;
  readonly receiver: Receiver;
  /** Called if an answer cannot be read for its usage; the answer is still passed on. */
  readonly onReadFault: (error: unknown) => void;
}

const LET_GO = new Error('nobody waits for this answer');

/** Every call into an attempt goes through the `guard` of its receiver. */
export class Attempt {
  readonly #parts: AttemptParts;
  #controller: Dispatcher.DispatchController | null = null;
  #status: number | null = null;
  #framing: Framing | null = null;
  #reader: UsageReader | null = null;
  #letGo = false;
  #settled = false;
  /** True while something must happen before the next piece is looked at. */
  #waiting = false;
  /** What the provider sent meanwhile. */
  readonly #arrived: Buffer[] = [];
  #end: { readonly error: Error | null } | null = null;

  constructor(parts: AttemptParts) {
    this.#parts = parts;
  }

  get call(): Call {
    return this.#parts.call;
  }

  /** Null: the call only passes through. */
  get recorded(): RecordedAttempt | null {
    return this.#parts.recorded;
  }

  /** HTTP status; null while there is no answer. */
  get status(): number | null {
    return this.#status;
  }

  /** How the answer is cut into events; null: it is whole. */
  get framing(): Framing | null {
    return this.#framing;
  }

  get settled(): boolean {
    return this.#settled;
  }

  /** The request has a connection and is being sent. */
  started(controller: Dispatcher.DispatchController): void {
    if (this.#letGo || this.#parts.receiver.gone) controller.abort(LET_GO);
    else this.#controller = controller;
  }

  /** The answer has begun. */
  begin(controller: Dispatcher.DispatchController, head: AnswerHead): void {
    const { call, recorded, receiver, onReadFault } = this.#parts;
    this.#framing = answerFraming(call, head.contentType);
    if (recorded !== null) {
      const events = this.#framing === 'sse' ? recorded.surface.stream : null;
      const answer = { hint: hintOf(recorded, head), events, encoding: head.encoding };
      this.#reader = openUsageReader(answer, onReadFault);
    }
    try {
      receiver.begun(this, head);
    } catch (error) {
      if (!(error instanceof UnusableAnswerError)) throw error;
      controller.abort(error);
      return;
    }
    this.#status = head.status;
  }

  /** Takes a piece of the body. */
  data(controller: Dispatcher.DispatchController, piece: Buffer): void {
    if (this.#waiting) {
      this.#arrived.push(piece);
      controller.pause();
      return;
    }
    this.#take(piece);
    if (this.#waiting || this.#parts.receiver.blocked) controller.pause();
  }

  /** The provider's side ended. With an error: it broke off, or never answered. */
  end(error: Error | null): void {
    if (this.#waiting) this.#end = { error };
    else this.#parts.receiver.ended(this, error);
  }

  /** The receiver takes pieces again. */
  resume(): void {
    if (!this.#waiting) this.#controller?.resume();
  }

  /** Disconnects the provider. Usage read so far counts. */
  cut(): void {
    this.#letGo = true;
    this.#controller?.abort(LET_GO);
  }

  /** Disconnects the provider at once, without waiting for pieces that are still being decompressed. */
  abandon(): void {
    this.#reader?.stop();
    this.cut();
  }

  /** Settles unless done already, and continues when the event is durable (or at once, if that is enough). */
  settleThen(reading: 'complete' | 'aborted', next: () => void): void {
    const { recorded, settle, strict } = this.#parts;
    if (recorded === null || this.#settled || this.#neverSent()) {
      next();
      return;
    }
    this.#settled = true;
    const durable = settle(recorded, this.#outcome(recorded, reading));
    if (strict) this.#wait(durable.then(next));
    else next();
  }

  /** Ends the attempt where this code failed: the event says `error`. Resolves when it is durable. */
  async breakDown(): Promise<void> {
    const { recorded, settle } = this.#parts;
    const settled = this.#settled;
    this.#settled = true;
    try {
      this.abandon();
    } catch {
      // The connection is as broken as the call; undici closes it by itself.
    }
    if (recorded === null || settled) return;
    const tookMs = performance.now() - recorded.start.tick;
    const outcome = { status: this.#status, usage: null, kept: null, cut: null, failed: true, tookMs };
    await settle(recorded, outcome);
  }

  /** The client went away while the request still waited for a connection: the provider has not heard of it. */
  #neverSent(): boolean {
    return this.#controller === null && this.#parts.receiver.gone;
  }

  #outcome(recorded: RecordedAttempt, reading: 'complete' | 'aborted'): AttemptOutcome {
    const reader = this.#reader;
    const cutUpstream = reading === 'aborted' && this.#status !== null;
    return {
      status: this.#status,
      usage: reader?.end(reading) ?? null,
      kept: reader === null ? null : () => reader.kept(),
      cut: this.#parts.receiver.gone ? 'client' : cutUpstream ? 'upstream' : null,
      failed: reader?.failed ?? false,
      tookMs: performance.now() - recorded.start.tick,
    };
  }

  #take(piece: Buffer): void {
    const { receiver } = this.#parts;
    if (this.#reader === null || this.#settled) {
      receiver.take(piece, null);
      return;
    }
    const position = this.#reader.push(piece);
    if (typeof position === 'string') receiver.take(piece, position);
    else this.#wait(position.then((found) => receiver.take(piece, found)));
  }

  /** Pauses the provider until `ready`; what it sends meanwhile is processed afterwards, in order. */
  #wait(ready: Promise<void>): void {
    const { receiver } = this.#parts;
    this.#waiting = true;
    ready.then(
      () => receiver.guard(() => this.#goOn()),
      (error: unknown) => receiver.fault(error),
    );
  }

  #goOn(): void {
    this.#waiting = false;
    while (!this.#waiting) {
      const piece = this.#arrived.shift();
      if (piece === undefined) break;
      this.#take(piece);
    }
    if (this.#waiting) return;
    const end = this.#end;
    this.#end = null;
    if (end !== null) this.#parts.receiver.ended(this, end.error);
    else if (!this.#parts.receiver.blocked) this.#controller?.resume();
  }
}
