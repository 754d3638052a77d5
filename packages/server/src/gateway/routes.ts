/** `/gateway/openai/*` and `/gateway/anthropic/*`: the real provider behind our address. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError, type ErrorCode } from '@farthing/contract';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Agent, type Dispatcher } from 'undici';
import { Rejection } from '../ingest/rejection.ts';
import type { UsageEvent } from '../ledger/usage-event.ts';
import type { Identity } from '../tenants/api-key.ts';
import { readAttribution, readTenant } from './attribution.ts';
import { type GatewayCall, newCallId, toUsageEvent } from './call.ts';
import { type Forwarding, forward, UpstreamUnreachable } from './forward.ts';
import { single } from './headers.ts';
import { GATEWAY_PROVIDERS, type GatewayProvider } from './provider.ts';
import { readRequestBody } from './request-body.ts';
import type { GatewaySettings } from './settings.ts';

export interface GatewayParts {
  readonly settings: GatewaySettings;
  /** Who a Farthing key belongs to; null for none or a bad one. */
  readonly identify: (key: string) => Promise<Identity | null>;
  /** Makes an event durable. May reject: the caller's answer is more important than our record of it. */
  readonly record: (event: UsageEvent) => Promise<void>;
  /** "Cost recording failed", with what is known. */
  readonly onRecordFailure: (call: { readonly id: string; readonly tenant: string }, error: unknown) => void;
  /** False: calls pass, nothing is recorded (`FF_COST_TRACKING`). */
  readonly recording: boolean;
  /** While true, new calls are refused; those under way finish. */
  readonly isDraining: () => boolean;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** A stream may run for hours; what ends a silent one is the timeout between its chunks. */
const LONGEST_CALL_MS = 86_400_000;

/** Registers the routes of every provider. Close the returned agent's connections with `app.close()`. */
export async function gatewayRoutes(app: FastifyInstance, parts: GatewayParts): Promise<void> {
  const dispatcher = new Agent({
    connections: 512,
    pipelining: 1,
    keepAliveTimeout: 30_000,
    connectTimeout: 10_000,
  });
  app.addHook('onClose', () => dispatcher.close());
  // Bodies are the provider's business: they arrive here as they were sent.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));

  for (const provider of Object.values(GATEWAY_PROVIDERS)) {
    const base = new URL(parts.settings.baseUrls[provider.id]);
    const target = { origin: base.origin, prefix: base.pathname.replace(/\/$/, '') };
    app.route({
      method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      url: `/gateway/${provider.id}/*`,
      // The key comes in x-farthing-key, since `authorization` belongs to the provider: checked by `admit`.
      config: { access: 'public' },
      handlerTimeout: LONGEST_CALL_MS,
      handler: (request, reply) => handle(request, reply, { parts, provider, dispatcher, target }),
    });
  }
}

interface Route {
  readonly parts: GatewayParts;
  readonly provider: GatewayProvider;
  readonly dispatcher: Dispatcher;
  readonly target: { readonly origin: string; readonly prefix: string };
}

async function handle(request: FastifyRequest, reply: FastifyReply, route: Route): Promise<void> {
  const { raw: incoming } = request;
  reply.hijack();
  const response = reply.raw;
  try {
    const forwarding = await prepare(incoming, route);
    await forward(incoming, response, forwarding);
  } catch (error) {
    const refusal = asRefusal(error, route.provider);
    if (refusal === null) request.log.error({ err: error }, 'gateway call failed');
    refuse(
      response,
      route.provider,
      refusal ??
        new AppError('internal', 'The gateway failed; the request did not reach the provider whole.'),
      request.id,
    );
  }
}

/** Checks the caller, reads what must be understood of the request, and says how it will be settled. */
async function prepare(
  incoming: IncomingMessage,
  { parts, provider, dispatcher, target }: Route,
): Promise<Forwarding> {
  const identity = await admit(incoming, parts);
  const below = (incoming.url ?? '').slice(`/gateway/${provider.id}`.length);
  const pathname = below.replace(/\?.*$/s, '');
  if (/(^|\/)(\.|%2e){1,2}(\/|$)/i.test(pathname))
    throw new AppError('bad_request', 'The path must not contain dot segments.');
  const upstream = {
    dispatcher,
    origin: target.origin,
    path: `${target.prefix}${below}`,
    providerId: provider.id,
  };
  const path = incoming.method === 'POST' ? provider.metered.get(pathname) : undefined;
  const call = {
    tenant: readTenant(incoming.headers, identity),
    attribution: readAttribution(incoming.headers, identity),
  };
  if (path === undefined || !parts.recording) {
    return { upstream, settings: parts.settings, forwarded: { metered: false }, settle: async () => {} };
  }
  const body = await readBody(incoming, parts.settings.bodyLimitBytes);
  const request = readRequestBody(body, path.usageOnRequest && parts.settings.askStreamUsage);
  return {
    upstream,
    settings: parts.settings,
    forwarded: { metered: true, path, request },
    settle: settler({ ...call, id: newCallId(), provider, path, request, startedAt: parts.now() }, parts),
  };
}

async function admit(incoming: IncomingMessage, parts: GatewayParts): Promise<Identity> {
  if (parts.isDraining()) throw new AppError('shutting_down', 'the server is stopping; try again shortly.');
  const key = single(incoming.headers, 'x-farthing-key');
  const identity = key === undefined ? null : await parts.identify(key);
  if (identity === null) {
    throw new AppError(
      'unauthorized',
      'send a valid Farthing API key in the header x-farthing-key; the provider key stays where it is.',
    );
  }
  return identity;
}

function settler(call: GatewayCall, parts: GatewayParts): Forwarding['settle'] {
  return async (outcome) => {
    try {
      await parts.record(toUsageEvent(call, { ...outcome, endedAt: parts.now() }));
    } catch (error) {
      // The provider has charged already and the client waits: the answer goes on, the loss is said loudly.
      parts.onRecordFailure(call, error);
    }
  };
}

async function readBody(incoming: IncomingMessage, limit: number): Promise<Buffer> {
  const tooLarge = () => new AppError('body_too_large', `The request body is larger than ${limit} bytes.`);
  if (Number(incoming.headers['content-length'] ?? 0) > limit) throw tooLarge();
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limit) throw tooLarge();
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

/** What the caller is told; null for what is our own fault. */
function asRefusal(error: unknown, provider: GatewayProvider): AppError | null {
  if (error instanceof AppError) return error;
  if (error instanceof Rejection) return error.toAppError();
  if (error instanceof UpstreamUnreachable) {
    return error.timedOut
      ? new AppError('upstream_timeout', `${provider.id} did not answer in time.`)
      : new AppError('upstream_unreachable', `${provider.id} could not be reached.`);
  }
  return null;
}

function refuse(
  response: ServerResponse,
  provider: GatewayProvider,
  error: AppError,
  requestId: string,
): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const body = provider.refusal(error.code satisfies ErrorCode, error.status, error.message, requestId);
  response.writeHead(error.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    // The rest of a body that was refused unread would be taken for the next request.
    connection: 'close',
    'x-request-id': requestId,
  });
  response.end(body);
}
