/**
 * Carries one call to the provider and its answer back, byte for byte, while a copy is read for usage.
 *
 * Order at the end of an answer: the provider's last bytes wait here until the event is durable, then they go out.
 * A client that has the whole answer therefore has its event, whatever happens to this process next.
 */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { ExtractedUsage } from '@farthing/pricing';
import type { Dispatcher } from 'undici';
import { type ClientWatch, watchClient } from './client-watch.ts';
import { downstreamHeaders, headerOf, upstreamHeaders } from './headers.ts';
import { type Meter, openMeter } from './meter.ts';
import type { MeteredPath } from './provider.ts';
import type { ReadRequest } from './request-body.ts';
import type { GatewaySettings } from './settings.ts';
import { UsageChunkFilter } from './usage-chunk.ts';

export interface Upstream {
  readonly dispatcher: Dispatcher;
  /** The provider's origin, `https://api.openai.com`. */
  readonly origin: string;
  /** Path and query below the origin. */
  readonly path: string;
  readonly providerId: string;
}

/** A metered request, or one that only passes through. */
export type ForwardedRequest =
  | { readonly metered: true; readonly path: MeteredPath; readonly request: ReadRequest }
  | { readonly metered: false };

/** What a finished call amounts to; see `CallEnd`. */
export interface Outcome {
  readonly status: number | null;
  readonly usage: ExtractedUsage | null;
  readonly cut: 'client' | 'upstream' | null;
}

export interface Forwarding {
  readonly upstream: Upstream;
  readonly settings: GatewaySettings;
  readonly forwarded: ForwardedRequest;
  /** Makes the event durable. Called exactly once per metered call, also when it fails. Never rejects. */
  readonly settle: (outcome: Outcome) => Promise<void>;
}

/** The provider did not answer at all; nothing was sent to the client yet. */
export class UpstreamUnreachable extends Error {
  override readonly name = 'UpstreamUnreachable';
  readonly timedOut: boolean;
  constructor(cause: unknown) {
    super('the provider did not answer', { cause });
    this.timedOut = cause instanceof Error && 'code' in cause && TIMEOUTS.has(String(cause.code));
  }
}

const TIMEOUTS = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

/** @throws UpstreamUnreachable before anything was sent to the client */
export async function forward(
  incoming: IncomingMessage,
  response: ServerResponse,
  forwarding: Forwarding,
): Promise<void> {
  const { settings, forwarded, settle } = forwarding;
  const client = watchClient(response, settings, forwarded.metered);
  let answer: Dispatcher.ResponseData;
  try {
    answer = await send(incoming, forwarding, client.stop);
  } catch (cause) {
    if (forwarded.metered)
      await settle({ status: null, usage: null, cut: client.gone.aborted ? 'client' : null });
    if (client.gone.aborted) return;
    throw new UpstreamUnreachable(cause);
  }
  await carryBack(answer, response, forwarding, client);
}

function send(
  incoming: IncomingMessage,
  { upstream, settings, forwarded }: Forwarding,
  stop: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  return upstream.dispatcher.request({
    origin: upstream.origin,
    path: upstream.path,
    method: (incoming.method ?? 'GET') as Dispatcher.HttpMethod,
    headers: upstreamHeaders(incoming.rawHeaders, {
      ...(forwarded.metered ? { contentLength: forwarded.request.body.length } : {}),
      plainAnswer: forwarded.metered,
    }),
    body: forwarded.metered ? forwarded.request.body : hasBody(incoming) ? incoming : null,
    responseHeaders: 'raw',
    headersTimeout: settings.upstreamTimeoutMs,
    bodyTimeout: settings.upstreamTimeoutMs,
    signal: stop,
  });
}

async function carryBack(
  answer: Dispatcher.ResponseData,
  response: ServerResponse,
  { settings, forwarded, upstream, settle }: Forwarding,
  client: ClientWatch,
): Promise<void> {
  // `responseHeaders: 'raw'` gives a flat list of buffers, which undici's types do not know.
  const raw = answer.headers as unknown as readonly Buffer[];
  const flat = raw.map((part) => part.toString('latin1'));
  const streams = headerOf(flat, 'content-type')?.includes('event-stream') ?? false;
  const filter = forwarded.metered && forwarded.request.usageAdded && streams ? new UsageChunkFilter() : null;
  const meter = forwarded.metered
    ? openMeter(hintOf(forwarded, upstream, answer.statusCode), headerOf(flat, 'content-encoding'))
    : null;
  if (!response.destroyed) {
    response.writeHead(answer.statusCode, downstreamHeaders(flat, filter !== null));
    if (streams) response.flushHeaders();
  }
  await new Pump({
    response,
    meter,
    filter,
    streams,
    settings,
    settle,
    status: answer.statusCode,
    client,
  }).run(answer.body);
}

interface PumpParts {
  readonly response: ServerResponse;
  readonly meter: Meter | null;
  readonly filter: UsageChunkFilter | null;
  readonly streams: boolean;
  readonly settings: GatewaySettings;
  readonly settle: Forwarding['settle'];
  readonly status: number;
  readonly client: ClientWatch;
}

/** Moves an answer from the provider to the client and settles its call. */
class Pump {
  readonly #parts: PumpParts;
  /** The last chunk of an answer that is no stream: it completes the answer, so it waits for the event. */
  #held: Buffer | null = null;
  #settled = false;

  constructor(parts: PumpParts) {
    this.#parts = parts;
  }

  async run(body: Readable): Promise<void> {
    const { response, filter, client } = this.#parts;
    try {
      for await (const chunk of body as AsyncIterable<Buffer>) await this.#pass(chunk);
    } catch {
      await this.#settle('aborted', client.gone.aborted ? 'client' : 'upstream');
      // The client must see that the answer is not whole: its connection breaks where the provider's did.
      response.destroy();
      return;
    }
    await this.#settle('complete', client.gone.aborted ? 'client' : null);
    if (filter !== null) await this.#write(filter.end());
    if (this.#held !== null) await this.#write(this.#held);
    response.end();
  }

  async #pass(chunk: Buffer): Promise<void> {
    const { meter, filter, streams } = this.#parts;
    const whole = meter?.push(chunk) ?? false;
    if (streams || meter === null) {
      if (whole) await this.#settle('complete', null);
      await this.#write(filter === null ? chunk : filter.push(chunk));
      return;
    }
    const ready = this.#held;
    this.#held = chunk;
    if (ready !== null) await this.#write(ready);
  }

  async #settle(reading: 'complete' | 'aborted', cut: Outcome['cut']): Promise<void> {
    const { meter, status, settle, settings } = this.#parts;
    if (meter === null || this.#settled) return;
    this.#settled = true;
    const durable = settle({ status, usage: meter.end(reading), cut });
    if (settings.durability === 'strict') await durable;
  }

  async #write(chunk: Buffer): Promise<void> {
    const { response, client } = this.#parts;
    if (chunk.length === 0 || response.destroyed || response.write(chunk)) return;
    // A slow client slows the provider down; one that goes away while we wait is no error of the answer.
    await once(response, 'drain', { signal: client.gone }).catch(() => undefined);
  }
}

function hintOf(forwarded: Extract<ForwardedRequest, { metered: true }>, upstream: Upstream, status: number) {
  const { path, request } = forwarded;
  return {
    provider: upstream.providerId,
    surface: path.surface,
    operation: path.operation,
    status,
    request: request.settings,
    ...(request.model === null ? {} : { requestModel: request.model }),
  };
}

function hasBody(incoming: IncomingMessage): boolean {
  return (
    incoming.headers['content-length'] !== undefined || incoming.headers['transfer-encoding'] !== undefined
  );
}
