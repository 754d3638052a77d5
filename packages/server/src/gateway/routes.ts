/** `/gateway/openai/*` and `/gateway/anthropic/*`: the real provider behind our address. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '@farthing/contract';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { Agent, type Dispatcher } from 'undici';
import { admit, type Gatekeeper } from './admit.ts';
import { newCallId } from './call.ts';
import type { Metering } from './exchange.ts';
import { forward } from './forward.ts';
import { GATEWAY_PROVIDERS, type GatewayProvider } from './provider.ts';
import { readBody } from './read-body.ts';
import { afterBody, asRefusal, refuse } from './refuse.ts';
import { readRequestBody } from './request-body.ts';
import type { GatewaySettings } from './settings.ts';
import { type Ledger, settler } from './settle.ts';
import { type Base, meteredPath, readBase, readTarget, type Target } from './target.ts';
import { UnderWay } from './under-way.ts';

export interface GatewayParts extends Gatekeeper, Ledger {
  readonly settings: GatewaySettings;
  /** False: calls pass, nothing is recorded (`FF_COST_TRACKING`). */
  readonly recording: boolean;
  /** While true, new calls are refused; those under way finish. */
  readonly isDraining: () => boolean;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/**
 * Registers the routes of every provider. `app.close()` returns when every call under way has its event.
 *
 * @example await app.register(gatewayRoutes, { settings, identify, record, … });
 */
export async function gatewayRoutes(app: FastifyInstance, parts: GatewayParts): Promise<void> {
  const dispatcher = openDispatcher();
  const underWay = new UnderWay();
  app.addHook('onClose', async () => {
    await underWay.finish();
    await dispatcher.destroy();
  });
  // Bodies are the provider's business: they arrive here as they were sent.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));

  for (const provider of Object.values(GATEWAY_PROVIDERS)) {
    const base = readBase(provider.id, parts.settings.baseUrls[provider.id]);
    const route: Route = { parts, provider, dispatcher, base, underWay };
    app.route({
      method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
      url: `/gateway/${provider.id}/*`,
      // The key comes in x-farthing-key, since `authorization` belongs to the provider: checked by `admit`.
      // A stream may run for hours; what ends a silent one is the timeout between its chunks.
      config: { access: 'public', ownDeadline: true },
      handler: (request, reply) => {
        reply.hijack();
        void handle(request.raw, reply.raw, route, request);
      },
    });
  }
}

/** Connections to providers: many, kept for a short while, since a provider may close an idle one at any time. */
function openDispatcher(): Dispatcher {
  return new Agent({
    connections: 1024,
    pipelining: 1,
    keepAliveTimeout: 4_000,
    connectTimeout: 10_000,
    maxHeaderSize: 65_536,
  });
}

interface Route {
  readonly parts: GatewayParts;
  readonly provider: GatewayProvider;
  readonly dispatcher: Dispatcher;
  readonly base: Base;
  readonly underWay: UnderWay;
}

/** What a refusal says about the request. */
interface Said {
  readonly id: string;
  readonly log: FastifyBaseLogger;
}

async function handle(
  incoming: IncomingMessage,
  response: ServerResponse,
  route: Route,
  said: Said,
): Promise<void> {
  try {
    await carry(incoming, response, route);
  } catch (error) {
    const refusal = asRefusal(error, route.provider);
    if (refusal === null) said.log.error({ err: error }, 'gateway call failed');
    const told = refusal ?? new AppError('internal', 'the gateway failed; its log has the particulars.');
    refuse(incoming, response, route.provider, told, said.id);
  }
}

/** Admits the caller, reads what must be understood of the request, and lets it go its way. */
async function carry(incoming: IncomingMessage, response: ServerResponse, route: Route): Promise<void> {
  const { parts, dispatcher, base, underWay } = route;
  if (parts.isDraining()) {
    throw new AppError('shutting_down', 'the server is stopping; try again shortly.', { retryAfter: 2 });
  }
  const target = readTarget(base, incoming.url ?? '');
  const admitted = await admit(incoming.headers, parts);
  const metering = await readMetering(incoming, route, target, admitted);
  if (metering === 'gone' || response.destroyed) return;
  const call = forward(incoming, response, {
    upstream: { dispatcher, origin: base.origin, path: target.path },
    settings: parts.settings,
    metering,
    isDraining: parts.isDraining,
  });
  underWay.add(call);
  await call.over;
  // An answer that came before the request was whole: what is still to come must not be taken for the next request.
  if (!incoming.complete && !incoming.destroyed) afterBody(incoming, () => incoming.socket.destroySoon());
}

async function readMetering(
  incoming: IncomingMessage,
  { parts, provider, base, underWay }: Route,
  target: Target,
  admitted: Awaited<ReturnType<typeof admit>>,
): Promise<Metering | null | 'gone'> {
  const path = incoming.method === 'POST' ? meteredPath(provider, target.pathname) : undefined;
  if (path === undefined || !parts.recording) return null;
  const startedAt = parts.now();
  const began = performance.now();
  const body = await readBody(incoming, parts.settings.bodyLimitBytes);
  if (body === null) return 'gone';
  const request = readRequestBody(body, path.usageOnRequest && parts.settings.askStreamUsage);
  const eventId = newCallId();
  const settle = settler(
    { ...admitted, id: eventId, provider: base.answeredBy, path, request, startedAt, began },
    parts,
  );
  return {
    eventId,
    providerId: base.answeredBy,
    url: `${base.origin}${base.prefix}${target.pathname}`,
    path,
    request,
    // With relaxed durability nobody waits for the event but a stop.
    settle: (outcome) => {
      const durable = settle(outcome);
      underWay.add({ over: durable, stopReading: () => undefined });
      return durable;
    },
  };
}
