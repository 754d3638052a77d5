/**
 * One call under way: takes the provider's answer in as it comes and passes it to the client byte for byte, while a
 * copy is read for usage.
 *
 * Order at the end of an answer: its last bytes wait here until the event is durable, then they go out. A client that
 * has the whole answer therefore has its event, whatever happens to this process next.
 */
import type { ServerResponse } from 'node:http';
import { billingHeaders, type ExtractHint } from '@farthing/pricing/extract';
import type { Dispatcher } from 'undici';
import { Client } from './client.ts';
import { downstreamHeaders, headerOf, headerPairs } from './headers.ts';
import type { Meter } from './meter.ts';
import { openMeter } from './open-meter.ts';
import type { Outcome, Settle } from './outcome.ts';
import type { MeteredPath } from './provider.ts';
import type { ReadRequest } from './request-body.ts';
import type { GatewaySettings } from './settings.ts';
import type { StreamPosition } from './stream-end.ts';
import { UsageChunkFilter } from './usage-chunk.ts';

/** What is needed to read an answer for its usage. */
export interface Metering {
  /** The id under which the call will stand in the ledger. */
  readonly eventId: string;
  /** Who answers, in the words of the price book. */
  readonly providerId: string;
  /** Where the request goes, without query: host and path may decide the price. */
  readonly url: string;
  readonly path: MeteredPath;
  readonly request: ReadRequest;
  readonly settle: Settle;
}

export interface ExchangeParts {
  readonly response: ServerResponse;
  readonly settings: GatewaySettings;
  /** Null: the call only passes through. */
  readonly metering: Metering | null;
  readonly isDraining: () => boolean;
  /** Called once, when nothing is left to do. An error: the provider gave no answer and the client has heard nothing. */
  readonly done: (unanswered: Error | null) => void;
}

/** Longest end of a stream that waits for its event; a longer one passes and only the very end waits. */
const MAX_HELD_BYTES = 32 * 1024 * 1024;

const GONE = new Error('the client went away');

export class Exchange implements Dispatcher.DispatchHandler {
  readonly #parts: ExchangeParts;
  readonly #client: Client;
  #controller: Dispatcher.DispatchController | null = null;
  #status: number | null = null;
  #streams = false;
  #meter: Meter | null = null;
  #filter: UsageChunkFilter | null = null;
  /** Bytes that must not go out before the event is durable. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  #settled = false;
  /** True while something must happen before the next chunk is looked at. */
  #waiting = false;
  /** What the provider did meanwhile. */
  readonly #arrived: Buffer[] = [];
  #end: { readonly error: Error | null } | null = null;
  #readOn: NodeJS.Timeout | null = null;

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
    this.#client = new Client(parts.response, parts.settings.upstreamTimeoutMs, {
      onDrain: () => {
        if (!this.#waiting) this.#controller?.resume();
      },
      onGone: () => this.#clientGone(),
    });
  }

  /** Ends a call whose client has gone and that only reads on. */
  stopReading(): void {
    if (this.#client.gone) this.#controller?.abort(GONE);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#client.gone) controller.abort(GONE);
    else this.#controller = controller;
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    _parsed: unknown,
    statusMessage = '',
  ): void {
    if (status < 200) return;
    const { metering, isDraining } = this.#parts;
    const headers = asText(controller.rawHeaders as readonly Buffer[]);
    const encoding = metering === null ? undefined : headerOf(headers, 'content-encoding');
    this.#streams = isEventStream(headerOf(headers, 'content-type'));
    if (metering !== null) {
      this.#meter = openMeter(hintOf(metering, status, headers), this.#streams, encoding);
      if (metering.request.usageAdded && this.#streams && encoding === undefined) {
        this.#filter = new UsageChunkFilter();
      }
    }
    const down = downstreamHeaders(headers, this.#filter !== null);
    // So that a tracked client behind the gateway does not record the call a second time.
    if (metering !== null) down.push('x-farthing-event-id', metering.eventId);
    if (isDraining()) down.push('connection', 'close');
    this.#client.start(status, statusMessage, down, this.#streams);
    this.#status = status;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#waiting) {
      this.#arrived.push(chunk);
      controller.pause();
      return;
    }
    this.#take(chunk);
    if (this.#waiting || this.#client.blocked) controller.pause();
  }

  onResponseEnd(): void {
    this.#finish({ error: null });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#finish({ error });
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
      this.#hold(chunk);
    } else if (position === 'running') {
      this.#write(chunk);
    } else {
      this.#hold(chunk);
      if (position === 'ended') this.#settleThen('complete', () => this.#release());
      else if (this.#heldBytes > MAX_HELD_BYTES) this.#release();
    }
  }

  /** Ends the call, once what arrived before was dealt with. */
  #finish(end: { readonly error: Error | null }): void {
    if (this.#waiting) {
      this.#end = end;
      return;
    }
    this.#settleThen(end.error === null ? 'complete' : 'aborted', () => this.#close(end.error));
  }

  #close(error: Error | null): void {
    if (this.#readOn !== null) clearTimeout(this.#readOn);
    const { done, isDraining } = this.#parts;
    if (error !== null && this.#status === null) {
      done(this.#client.gone ? null : error);
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
      this.#client.end(this.#takeHeld(), isDraining());
    }
    done(null);
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
    void ready.then(() => {
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
    });
  }

  #hold(chunk: Buffer): void {
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
  }

  #release(): void {
    const held = this.#takeHeld();
    if (held !== null) this.#write(held);
  }

  #takeHeld(): Buffer | null {
    const held = this.#held;
    if (held.length === 0) return null;
    this.#held = [];
    this.#heldBytes = 0;
    return held.length === 1 ? (held[0] ?? null) : Buffer.concat(held);
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

/** What is known of an answer before its first byte: what was asked of whom, and what its head says. */
function hintOf(
  { providerId, url, path, request }: Metering,
  status: number,
  headers: readonly string[],
): ExtractHint {
  return {
    provider: providerId,
    url,
    headers: billingHeaders(headerPairs(headers)),
    surface: path.surface,
    operation: path.operation,
    status,
    request: request.settings,
    ...(request.model === null ? {} : { requestModel: request.model }),
  };
}

function isEventStream(contentType: string | undefined): boolean {
  return contentType?.toLowerCase().includes('event-stream') ?? false;
}

/** Header bytes as Node writes them again: one character per byte. */
function asText(raw: readonly Buffer[]): string[] {
  return raw.map((part) => part.toString('latin1'));
}
