/** Sends an attempt up, over connections that are kept for a short while. */
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { Agent, type Dispatcher } from 'undici';
import type { Attempt, Receiver } from './attempt.ts';
import { UpstreamAnswer } from './upstream-answer.ts';

/**
 * Connections to providers: as many as calls were let in, so that none waits in a queue of undici's, which knows no
 * tenants. Kept for a short while, since a provider may close an idle one at any time.
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
  /** Told of everything that happens to the attempt. */
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
