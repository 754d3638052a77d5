/** Sends one request to the provider and carries the answer back. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import type { Dispatcher } from 'undici';
import { Exchange, type ExchangeParts } from '../exchange.ts';
import { upstreamHeaders } from '../headers.ts';
import type { Metering } from '../recording/metering.ts';
import type { GatewaySettings } from '../settings.ts';
import { CallFault, UpstreamUnreachable } from './faults.ts';
import { UpstreamAnswer } from './upstream-answer.ts';

export interface Upstream {
  readonly dispatcher: Dispatcher;
  /** The provider's origin, `https://api.openai.com`. */
  readonly origin: string;
  /** Path and query below the origin. */
  readonly path: string;
}

export interface Forwarding extends Pick<ExchangeParts, 'isDraining' | 'takeRoom' | 'onReadFault'> {
  readonly upstream: Upstream;
  readonly settings: GatewaySettings;
  /** Null: the call only passes through. */
  readonly metering: Metering | null;
}

/** A call under way. */
export interface Call {
  /**
   * Resolves when the call is over on both sides and its event was settled.
   * @throws UpstreamUnreachable before anything was sent to the client
   * @throws CallFault where the gateway itself failed
   */
  readonly over: Promise<void>;
  /** Stops a call that goes on only to read its usage. */
  stopReading(): void;
}

/** Sends the request up. */
export function forward(
  incoming: IncomingMessage,
  response: ServerResponse,
  { upstream, ...parts }: Forwarding,
): Call {
  const { settings, metering } = parts;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const exchange = new Exchange({
    response,
    ...parts,
    done: (error) => {
      if (error === null) resolve();
      else reject(error instanceof CallFault ? error : new UpstreamUnreachable(error));
    },
  });
  const body = metering === null ? passedBody(incoming) : metering.request.body;
  upstream.dispatcher.dispatch(
    {
      origin: upstream.origin,
      path: upstream.path,
      method: (incoming.method ?? 'GET') as Dispatcher.HttpMethod,
      headers: upstreamHeaders(incoming.rawHeaders, {
        ...(metering === null ? {} : { contentLength: metering.request.body.length }),
        plainAnswer: metering !== null,
      }),
      body,
      headersTimeout: settings.upstreamTimeoutMs,
      bodyTimeout: settings.upstreamTimeoutMs,
    },
    new UpstreamAnswer(exchange),
  );
  return { over: promise, stopReading: () => exchange.stopReading() };
}

/**
 * The body of a request that only passes through. Between the two connections stands a stream of its own: when the
 * provider's side fails, undici destroys the body, and the client's connection must live on to be told.
 */
function passedBody(incoming: IncomingMessage): PassThrough | null {
  const { headers } = incoming;
  if (headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0') return null;
  const body = new PassThrough();
  body.on('error', () => undefined);
  incoming.pipe(body);
  return body;
}
