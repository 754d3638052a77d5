/** Watches one model call and makes its usage event when it is over. */
import type { UsageEventInput } from '@farthing/contract';
import type { JsonObject } from '@farthing/pricing';
import { billingBody, billingHeaders, formOf, openFold } from '@farthing/pricing/extract';
import { type Attribution, cleanName, wireAttribution } from '../attribution.ts';
import { newEventId } from '../event-id.ts';
import type { BillableCall } from './billable-call.ts';
import type { ResponseObserver } from './observe-response.ts';
import { readSeenBody, textOf } from './read-seen-body.ts';
import { runLater } from './run-later.ts';

/** Where finished events go. */
export interface RecordSink {
  record(event: UsageEventInput): void;
  fault(error: unknown): void;
}

/** Bound of a whole body we keep to read its usage; larger ones (images) are recorded without it. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** Longest URL the server takes. */
const MAX_URL_LENGTH = 2048;

/** Made when a call starts; gets its response or its failure. */
export class CallRecord {
  readonly #call: BillableCall;
  readonly #attribution: Attribution;
  readonly #request: unknown;
  readonly #sink: RecordSink;
  /** The headers of the answer that its price may depend on. */
  #headers: { readonly [name: string]: string } = {};
  readonly #startedAt = Date.now();
  readonly #started = performance.now();

  /** @param request The request body as sent; read only where the response names no model. */
  constructor(call: BillableCall, attribution: Attribution, request: unknown, sink: RecordSink) {
    this.#call = call;
    this.#attribution = attribution;
    this.#request = request;
    this.#sink = sink;
  }

  /** No response came. */
  failed(error: unknown): void {
    const latency = this.#elapsed();
    const status = isAbort(error) ? 'aborted' : 'error';
    this.#later(() => this.#emit(undefined, status, latency, { error: errorName(error) }));
  }

  /** An observer of the response that records the call when its body has been read. */
  observe(response: Response): ResponseObserver {
    this.#headers = billingHeaders(response.headers);
    const stream = /text\/event-stream/i.test(response.headers.get('content-type') ?? '');
    if (!response.ok) return this.#observeError(response.status);
    return stream ? this.#observeStream() : this.#observeWhole();
  }

  /** Errors are recorded by their status: providers bill nothing for them. */
  #observeError(status: number): ResponseObserver {
    return {
      bytes: () => undefined,
      text: () => undefined,
      end: () => {
        const latency = this.#elapsed();
        this.#later(() => this.#emit(undefined, 'error', latency, { http_status: status }));
      },
    };
  }

  #observeWhole(): ResponseObserver {
    const chunks: Uint8Array[] = [];
    let size = 0;
    let whole: string | undefined;
    return {
      bytes: (chunk) => {
        size += chunk.length;
        if (size <= MAX_BODY_BYTES) chunks.push(chunk);
        else chunks.length = 0;
      },
      text: (text) => {
        whole = text;
      },
      end: () => {
        const latency = this.#elapsed();
        this.#later(() => {
          const body = size > MAX_BODY_BYTES ? undefined : readSeenBody(whole ?? textOf(chunks));
          // Accepted for later, or polled: the reader of the finished answer reports it.
          if (body?.['status'] === 'queued' || body?.['status'] === 'in_progress') return;
          this.#emit(body, body === undefined ? 'aborted' : 'ok', latency);
        });
      },
    };
  }

  #observeStream(): ResponseObserver {
    const { provider, surface, operation, url } = this.#call;
    const hint = { provider, surface: surface.name, operation, url };
    const fold = openFold(hint, surface.stream);
    let waiting: Uint8Array[] = [];
    const drain = () => {
      const chunks = waiting;
      waiting = [];
      for (const chunk of chunks) fold.push(chunk);
    };
    return {
      bytes: (chunk) => {
        waiting.push(chunk);
        if (waiting.length === 1) this.#later(drain);
      },
      text: (text) => waiting.push(new TextEncoder().encode(text)),
      end: () => {
        const latency = this.#elapsed();
        this.#later(() => {
          drain();
          const { body, word } = fold.end();
          // A stream that stops without the provider's last event was cut, by either side: its counts are partial.
          const status = word === 'ended' ? 'ok' : word === 'failed' ? 'error' : 'aborted';
          this.#emit(body ?? undefined, status, latency);
        });
      },
    };
  }

  #emit(
    body: JsonObject | undefined,
    status: 'ok' | 'error' | 'aborted',
    latency: number,
    metadata?: JsonObject,
  ): void {
    const { provider, operation, url } = this.#call;
    const model =
      (formOf(provider)?.pricedModel === 'requested' ? this.#requestedModel() : undefined) ??
      cleanName(body?.['model']) ??
      this.#requestedModel();
    const response = body === undefined ? {} : billingBody(body);
    this.#sink.record({
      id: newEventId(this.#startedAt),
      time: new Date(this.#startedAt).toISOString(),
      provider,
      operation,
      ...(model === undefined ? {} : { model }),
      // The form of a provider's failure, which the server reads as: no usage known.
      response: Object.keys(response).length > 0 ? response : { error: { type: 'no_usage' } },
      ...(url.length > MAX_URL_LENGTH ? {} : { url }),
      ...(Object.keys(this.#headers).length === 0 ? {} : { headers: this.#headers }),
      ...wireAttribution(this.#attribution),
      status,
      latency_ms: latency,
      metadata: { host: this.#call.host, ...metadata },
    });
  }

  #requestedModel(): string | undefined {
    if (typeof this.#request !== 'string') return undefined;
    return cleanName(readSeenBody(this.#request)?.['model']);
  }

  #elapsed(): number {
    return Math.round(performance.now() - this.#started);
  }

  #later(task: () => void): void {
    runLater(task, (error) => this.#sink.fault(error));
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || /abort/i.test(error.message));
}

function errorName(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : error instanceof Error ? error.name : 'unknown';
}
