/** Sends an attempt up, over connections that are kept for a short while. */
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { Agent, type Dispatcher } from 'undici';
import type { Attempt, Receiver } from './attempt.ts';
import { UpstreamAnswer } from './upstream-answer.ts';

/**
 * Connections to providers: as many as there are admitted calls, so that none waits in undici's queue, which knows no
 * tenants. Idle ones are kept only briefly, since a provider may close them at any time.
 */
export function openConnections(): Dispatcher {
  return new Agent({
    // One call per connection: a connection that fails takes one call with it, and heads arrive in their own bytes.
    allowH2: false,
    pipelining: 1,
    keepAliveTimeout: 4_000,
    connectTimeout: 10_000,
    maxHeaderSize: 65_536,
  });
}

interface SendParts {
  readonly connections: Dispatcher;
  /** Longest wait for the first byte of an answer, and between two of its pieces. */
  readonly timeoutMs: number;
  /** Receives all events of the attempt. */
  readonly receiver: Receiver;
}

/** Sends the request of an attempt. */
export function send(attempt: Attempt, { connections, timeoutMs, receiver }: SendParts): void {
  const { incoming, request, outgoing } = attempt.call;
  connections.dispatch(
    {
      origin: outgoing.origin,
      path: outgoing.path,
      method: outgoing.method as Dispatcher.HttpMethod,
      headers: [...outgoing.headers],
      body: request === null ? passedBody(incoming) : request.body.bytes,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    },
    new UpstreamAnswer(attempt, receiver),
  );
}

/**
 * The body of a request that is only passed through. A separate stream joins the two connections: when the provider's
 * side fails, undici destroys the body, but the client's connection must stay open for the error.
 */
function passedBody(incoming: IncomingMessage): PassThrough | null {
  const { headers } = incoming;
  if (headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0') return null;
  const body = new PassThrough();
  body.on('error', () => undefined);
  incoming.pipe(body);
  return body;
}
