/**
 * One call under way: takes the provider's answer in as it comes and passes it to the client byte for byte, while a
 * copy is read for usage.
 *
 * Order at the end of an answer: its last bytes wait here until the event is durable, then they go out. A client that
 * has the whole answer therefore has its event, whatever happens to this process next.
 */
import type { ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import { Client } from './answer/client.ts';
import { HeldEnd } from './answer/held-end.ts';
import type { AnswerHead } from './attempt/answer-head.ts';
import { CallFault, UnusableAnswer } from './attempt/faults.ts';
import { downstreamHeaders } from './headers.ts';
import { openMeter } from './reading/open-usage-reader.ts';
import type { StreamPosition } from './reading/stream-end.ts';
import { UsageChunkFilter } from './reading/usage-chunk.ts';
import type { Meter } from './reading/usage-reader.ts';
import { hintOf, type Metering } from './recording/metering.ts';
import type { Outcome } from './recording/outcome.ts';
import type { GatewaySettings } from './settings.ts';

export interface ExchangeParts {
  readonly response: ServerResponse;
  readonly settings: GatewaySettings;
  /** Null: the call only passes through. */
  readonly metering: Metering | null;
  readonly isDraining: () => boolean;
  /** Told where an answer cannot be read for its usage; it is passed on all the same. */
  readonly onReadFault: (error: unknown) => void;
  /** Takes memory until the call is over; false where there is none. */
  readonly takeRoom: (bytes: number) => boolean;
  /**
   * Called once, when nothing is left to do. An error: the provider gave no answer and the client has heard nothing, or
   * (`CallFault`) this code failed.
   */
  readonly done: (unanswered: Error | null) => void;
}

const GONE = new Error('the client went away');

/** Whatever calls into an exchange (undici, the client's events, timers, promises) does so through its `guard`. */
export class Exchange {
  readonly #parts: ExchangeParts;
  readonly #client: Client;
  #controller: Dispatcher.DispatchController | null = null;
  #status: number | null = null;
  #streams = false;
  #meter: Meter | null = null;
  #filter: UsageChunkFilter | null = null;
  /** Bytes that must not go out before the event is durable. */
  readonly #held: HeldEnd;
  #settled = false;
  /** True while something must happen before the next chunk is looked at. */
  #waiting = false;
  /** What the provider did meanwhile. */
  readonly #arrived: Buffer[] = [];
  #end: { readonly error: Error | null } | null = null;
  #readOn: NodeJS.Timeout | null = null;
  #over = false;

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
    this.#held = new HeldEnd(parts.takeRoom);
    this.#client = new Client(parts.response, parts.settings.upstreamTimeoutMs, {
      onDrain: () =>
        this.guard(() => {
          if (!this.#waiting) this.#controller?.resume();
        }),
      onGone: () => this.guard(() => this.#clientGone()),
    });
  }

  /** Ends a call whose client has gone and that only reads on. */
  stopReading(): void {
    this.guard(() => {
      if (this.#client.gone) this.#controller?.abort(GONE);
    });
  }

  started(controller: Dispatcher.DispatchController): void {
    if (this.#client.gone || this.#over) controller.abort(GONE);
    else this.#controller = controller;
  }

  /** Takes a piece of the body. */
  data(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#waiting) {
      this.#arrived.push(chunk);
      controller.pause();
      return;
    }
    this.#take(chunk);
    if (this.#waiting || this.#client.blocked) controller.pause();
  }

  /** Ends the call, once what arrived before was dealt with. An error: the provider broke off, or never answered. */
  end(error: Error | null): void {
    this.#finish({ error });
  }

  /** Runs a part of this call. A fault in it ends this call, with an event and a log line, and no other. */
  guard(run: () => void): void {
    if (this.#over) return;
    try {
      run();
    } catch (error) {
      this.#fault(error);
    }
  }

  /** Ends the call where this code failed: the provider is let go, the event says `error`, the client is told or cut off. */
  #fault(cause: unknown): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#readOn !== null) clearTimeout(this.#readOn);
    this.#meter?.stop();
    const over = () => this.#parts.done(new CallFault(cause));
    try {
      this.#controller?.abort(GONE);
    } catch {
      // The connection is as broken as the call; undici lets it go by itself.
    }
    const { metering } = this.#parts;
    if (metering === null || this.#settled) {
      over();
      return;
    }
    this.#settled = true;
    const outcome: Outcome = { status: this.#status, usage: null, kept: null, cut: null, failed: true };
    metering.settle(outcome).then(over, over);
  }

  /** Begins the answer to the client. */
  begin(controller: Dispatcher.DispatchController, head: AnswerHead): void {
    const { metering, isDraining, onReadFault } = this.#parts;
    const { status, phrase, headers, streams, encoding } = head;
    this.#streams = streams;
    if (metering !== null) {
      this.#meter = openMeter(hintOf(metering, head), streams, encoding, onReadFault);
      if (metering.request.usageAdded && streams && encoding === undefined) {
        this.#filter = new UsageChunkFilter();
      }
    }
    const down = downstreamHeaders(headers, this.#filter !== null);
    // So that a tracked client behind the gateway does not record the call a second time.
    if (metering !== null) down.push('x-farthing-event-id', metering.eventId);
    if (isDraining()) down.push('connection', 'close');
    try {
      this.#client.start(status, phrase, down, streams);
    } catch (error) {
      controller.abort(new UnusableAnswer('its head cannot be written', error));
      return;
    }
    this.#status = status;
  }

  #take(chunk: Buffer): void {
    if (this.#meter === null || this.#settled) {
      this.#write(chunk);
      return;
    }
    const position = this.#meter.push(chunk);
    if (typeof position === 'string') this.#place(chunk, position);
    else this.#wait(position.then((found) => this.#place(chunk, found)));
  }

  /** Passes a chunk on or holds it back. */
  #place(chunk: Buffer, position: StreamPosition): void {
    if (!this.#streams) {
      // Any chunk may be the one that completes the answer.
      this.#release();
      this.#held.push(chunk);
    } else if (position === 'running') {
      this.#write(chunk);
    } else {
      const mayWait = this.#held.push(chunk);
      if (position === 'ended') this.#settleThen('complete', () => this.#release());
      else if (!mayWait) this.#release();
    }
  }

  #finish(end: { readonly error: Error | null }): void {
    if (this.#waiting) {
      this.#end = end;
      return;
    }
    this.#settleThen(end.error === null ? 'complete' : 'aborted', () => this.#close(end.error));
  }

  #close(error: Error | null): void {
    if (this.#readOn !== null) clearTimeout(this.#readOn);
    const { isDraining } = this.#parts;
    if (error !== null && this.#status === null) {
      this.#done(this.#client.gone ? null : error);
      return;
    }
    if (error !== null) {
      this.#release();
      if (this.#filter !== null) this.#client.write(this.#filter.end());
      this.#client.breakOff();
    } else if (this.#filter !== null) {
      this.#release();
      this.#client.end(this.#filter.end(), isDraining());
    } else {
      this.#client.end(this.#held.take(), isDraining());
    }
    this.#done(null);
  }

  #done(error: Error | null): void {
    this.#over = true;
    this.#parts.done(error);
  }

  /** Settles if that is still to be done, and goes on when the event is durable (or at once, where that is enough). */
  #settleThen(reading: 'complete' | 'aborted', next: () => void): void {
    const { metering, settings } = this.#parts;
    if (metering === null || this.#settled || this.#neverSent()) {
      next();
      return;
    }
    this.#settled = true;
    const durable = metering.settle(this.#outcome(reading));
    if (settings.durability === 'strict') this.#wait(durable.then(next));
    else next();
  }

  /** The client went away while the request still waited for a connection: the provider has not heard of it. */
  #neverSent(): boolean {
    return this.#controller === null && this.#client.gone;
  }

  #outcome(reading: 'complete' | 'aborted'): Outcome {
    const { gone } = this.#client;
    const meter = this.#meter;
    return {
      status: this.#status,
      usage: meter?.end(reading) ?? null,
      kept: meter === null ? null : () => meter.kept(),
      cut: gone ? 'client' : reading === 'aborted' && this.#status !== null ? 'upstream' : null,
      failed: this.#meter?.failed ?? false,
    };
  }

  /** The provider is held up until `ready`; what it sends meanwhile is dealt with after that, in order. */
  #wait(ready: Promise<void>): void {
    this.#waiting = true;
    ready.then(
      () => this.guard(() => this.#goOn()),
      (error: unknown) => this.#fault(error),
    );
  }

  #goOn(): void {
    this.#waiting = false;
    while (!this.#waiting) {
      const chunk = this.#arrived.shift();
      if (chunk === undefined) break;
      this.#take(chunk);
    }
    if (this.#waiting) return;
    const end = this.#end;
    this.#end = null;
    if (end !== null) this.#finish(end);
    else if (!this.#client.blocked) this.#controller?.resume();
  }

  #release(): void {
    const held = this.#held.take();
    if (held !== null) this.#write(held);
  }

  #write(chunk: Buffer): void {
    this.#client.write(this.#filter === null ? chunk : this.#filter.push(chunk));
  }

  #clientGone(): void {
    if (!this.#readsOn()) {
      this.#meter?.stop();
      this.#controller?.abort(GONE);
      return;
    }
    this.#readOn = setTimeout(() => this.stopReading(), this.#parts.settings.readOnMs);
    if (!this.#waiting) this.#controller?.resume();
  }

  /** Only a call whose usage is still to come is worth reading on for. */
  #readsOn(): boolean {
    const { metering, settings } = this.#parts;
    return metering !== null && !this.#settled && settings.onClientDisconnect === 'read_on';
  }
}
