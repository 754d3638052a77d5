/** `/gateway/openai/*` and `/gateway/anthropic/*`: the real provider behind our address. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '@farthing/contract';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { Agent, type Dispatcher } from 'undici';
import { afterBody } from '../http/bodies/unread-body.ts';
import { enter } from '../http/rooms/enter-room.ts';
import { Places } from '../http/rooms/room.ts';
import type { Overloaded } from '../record/overloaded.ts';
import { type Admitted, admit, type Gatekeeper } from './admit.ts';
import { readWithinRoom } from './body-room.ts';
import { newCallId } from './call.ts';
import { ForeignCredentials } from './foreign-credentials.ts';
import { forward } from './forward.ts';
import type { Metering } from './metering.ts';
import { GATEWAY_PROVIDERS, type GatewayProvider } from './provider.ts';
import { readBody } from './read-body.ts';
import { asRefusal, refuse } from './refuse.ts';
import { readRequestBody } from './request-body.ts';
import { closeRooms, type GatewayRooms } from './rooms.ts';
import type { GatewaySettings } from './settings.ts';
import { type Ledger, settler } from './settle.ts';
import { type Base, meteredPath, readBase, readTarget, type Target } from './target.ts';
import { UnderWay } from './under-way.ts';

export interface GatewayParts extends Gatekeeper, Ledger {
  readonly settings: GatewaySettings;
  /** What calls share; see `openRooms`. Closed when the server stops. */
  readonly rooms: GatewayRooms;
  /** False: calls pass, nothing is recorded (`FF_COST_TRACKING`). */
  readonly recording: boolean;
  /** Why the event of a call could not be kept now; null where it can. Asked before the provider is. */
  readonly refusal?: () => Overloaded | null;
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
  const foreign = new ForeignCredentials(async (key) => (await parts.identify(key)) !== null, parts.now);
  app.addHook('preClose', async () => closeRooms(parts.rooms));
  app.addHook('onClose', async () => {
    await underWay.finish();
    await dispatcher.destroy();
  });
  // Bodies are the provider's business: they arrive here as they were sent.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));

  for (const provider of Object.values(GATEWAY_PROVIDERS)) {
    const base = readBase(provider.id, parts.settings.baseUrls[provider.id]);
    const route: Route = { parts, provider, dispatcher, base, underWay, foreign };
    app.route({
      method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
      url: `/gateway/${provider.id}/*`,
      // The key comes in x-farthing-key, since `authorization` belongs to the provider: checked by `admit`.
      // A stream may run for hours; what ends a silent one is the timeout between its chunks.
      config: { access: 'public', ownDeadline: true },
      handler: (request, reply) => {
        reply.hijack();
        handle(request.raw, reply.raw, route, request).catch((error: unknown) => {
          request.log.error({ err: error }, 'gateway call failed');
          reply.raw.destroy();
        });
      },
    });
  }
}

/**
 * Connections to providers: as many as calls were let in, so that none waits in a queue of undici's, which knows no
 * tenants. Kept for a short while, since a provider may close an idle one at any time.
 */
function openDispatcher(): Dispatcher {
  return new Agent({
    // One call per connection: a connection that fails takes one call with it, and heads arrive in their own bytes.
    allowH2: false,
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
  readonly foreign: ForeignCredentials;
}

/** What a refusal says about the request. */
interface Said {
  readonly id: string;
  readonly log: FastifyBaseLogger;
}

/** What is kept of a call while it is under way. */
interface Keeping {
  /** What it takes of the gateway's room, to be given back when it is over. */
  readonly places: Places;
  readonly log: FastifyBaseLogger;
}

async function handle(
  incoming: IncomingMessage,
  response: ServerResponse,
  route: Route,
  said: Said,
): Promise<void> {
  // Without a listener an error of the socket would end the process.
  response.on('error', () => response.destroy());
  const places = new Places();
  try {
    await carry(incoming, response, route, { places, log: said.log });
  } catch (error) {
    const refusal = asRefusal(error, route.provider);
    if (refusal === null) said.log.error({ err: error }, 'gateway call failed');
    const told = refusal ?? new AppError('internal', 'the gateway failed; its log has the particulars.');
    refuse(incoming, response, route.provider, told, said.id);
  } finally {
    places.leave();
  }
}

/** Admits the caller, reads what must be understood of the request, and lets it go its way. */
async function carry(
  incoming: IncomingMessage,
  response: ServerResponse,
  route: Route,
  { places, log }: Keeping,
): Promise<void> {
  const { parts, provider, dispatcher, base, underWay, foreign } = route;
  if (parts.isDraining()) {
    throw new AppError('shutting_down', 'the server is stopping; try again shortly.', { retryAfter: 2 });
  }
  const target = readTarget(base, incoming.url ?? '');
  const admitted = await admit(incoming, parts, foreign);
  const place = await enter(parts.rooms.calls[provider.id], admitted, 1, response);
  if (place === null) return;
  places.keep(place);
  const metering = await readMetering(incoming, response, route, { target, admitted, places });
  if (metering === 'gone' || response.destroyed) return;
  const call = forward(incoming, response, {
    upstream: { dispatcher, origin: base.origin, path: target.path },
    settings: parts.settings,
    metering,
    isDraining: parts.isDraining,
    onReadFault: (error) => log.error({ err: error }, 'an answer could not be read for its usage'),
    takeRoom: (bytes) => {
      const room = parts.rooms.memory.take(admitted, bytes);
      if (room !== null) places.keep(room);
      return room !== null;
    },
  });
  underWay.add(call);
  await call.over;
  // An answer that came before the request was whole: what is still to come must not be taken for the next request.
  if (!incoming.complete && !incoming.destroyed) afterBody(incoming, () => incoming.socket.destroySoon());
}

/** What was made of a request before its body is read. */
interface Admission {
  readonly target: Target;
  readonly admitted: Admitted;
  readonly places: Places;
}

async function readMetering(
  incoming: IncomingMessage,
  response: ServerResponse,
  { parts, provider, base, underWay }: Route,
  { target, admitted, places }: Admission,
): Promise<Metering | null | 'gone'> {
  const path = incoming.method === 'POST' ? meteredPath(provider, target.pathname) : undefined;
  if (path === undefined || !parts.recording) return null;
  const refusal = parts.refusal?.() ?? null;
  if (refusal !== null) {
    throw new AppError('overloaded', `the call was not made: ${refusal.message}`, {
      retryAfter: refusal.retryAfterSeconds,
    });
  }
  const startedAt = parts.now();
  const began = performance.now();
  const limit = parts.settings.bodyLimitBytes;
  const body = await readWithinRoom(
    incoming,
    response,
    { room: parts.rooms.memory, taker: admitted, limit, places },
    () => readBody(incoming, limit),
  );
  if (body === null) return 'gone';
  const request = await readRequestBody(body, path.usageOnRequest && parts.settings.askStreamUsage);
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
