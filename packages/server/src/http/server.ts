/** The HTTP server: bounds, request ids, denial by default and one form of error, before any route exists. */
import { AppError } from '@farthing/contract';
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  LogController,
} from 'fastify';
import type { Identity } from '../tenants/identity.ts';
import { readJsonBodies } from './bodies/body.ts';
import { refuseBrokenRequest, refuseExpectation } from './broken-requests.ts';
import { type Access, requirePermission } from './callers/access.ts';
import { readAsCaller } from './callers/asker.ts';
import { type Dashboard, sendNotFoundPage, wantsPage } from './dashboard-pages.ts';
import { answerError } from './errors.ts';
import { requestId } from './request-id.ts';

export interface HttpServerOptions {
  readonly log: FastifyBaseLogger;
  /** The caller; null without a valid credential. */
  readonly identify: (request: FastifyRequest) => Promise<Identity | null>;
  readonly requestTimeoutMs: number;
  readonly maxConnections: number;
  /** Addresses and networks whose `X-Forwarded-For`, `-Proto` and `-Host` are trusted; none if absent. */
  readonly trustedProxies?: readonly string[];
  /** Page for a browser that opens an unknown address; absent: it gets JSON like other clients. */
  readonly dashboard?: Dashboard;
  /** While true, everything but health checks is refused with 503. */
  readonly isDraining: () => boolean;
}

/** Body bound of routes that do not state one. */
const BODY_LIMIT_BYTES = 1_048_576;

/**
 * Creates the server without routes. Every route must state `config.access`; registering one without it throws, so the
 * start fails.
 */
export function createHttpServer(options: HttpServerOptions): FastifyInstance {
  const { trustedProxies = [] } = options;
  const app: FastifyInstance = fastify({
    loggerInstance: options.log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    genReqId: requestId,
    requestIdHeader: false,
    // A list of proxies: forwarded addresses from any other sender are not trusted.
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    bodyLimit: BODY_LIMIT_BYTES,
    // Node's own guard against slow senders; Fastify switches it off by default.
    requestTimeout: options.requestTimeoutMs,
    keepAliveTimeout: 72_000,
    forceCloseConnections: 'idle',
    // The hook below answers in our words.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 512, caseSensitive: true },
    http: { maxHeaderSize: 16_384, headersTimeout: Math.min(20_000, options.requestTimeoutMs) },
    frameworkErrors: (error, request, reply) => answerError(error, request, reply),
    clientErrorHandler: refuseBrokenRequest,
  });
  app.server.maxConnections = options.maxConnections;
  app.server.maxHeadersCount = 200;
  app.server.on('checkExpectation', refuseExpectation);

  readJsonBodies(app);
  app.decorateRequest('identity', null);
  app.decorateRequest('identifyAgain', function identifyAgain(this: FastifyRequest) {
    return options.identify(this);
  });
  requireAccess(app, options.requestTimeoutMs);
  app.addHook('onRequest', admission(options));
  app.addHook('preHandler', readAsCaller);
  // A connection that was busy when the stop began would otherwise stay open, idle, until its time-out.
  app.addHook('onSend', async (_request, reply) => {
    if (options.isDraining()) reply.header('connection', 'close');
  });
  app.addHook('onResponse', logResponse);
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request, reply) => {
    if (options.dashboard !== undefined && wantsPage(request)) {
      return sendNotFoundPage(reply, options.dashboard);
    }
    throw new AppError('not_found', `There is no ${request.method} ${pathOf(request.url)}.`);
  });
  return app;
}

/** Refuses a route that does not say who may call it, and remembers those that do. */
function requireAccess(app: FastifyInstance, requestTimeoutMs: number): void {
  const routes: RegisteredRoute[] = [];
  REGISTERED.set(app, routes);
  app.addHook('onRoute', (route) => {
    if (route.config?.access === undefined) {
      throw new Error(
        `The route ${String(route.method)} ${route.url} does not say who may call it (config.access).`,
      );
    }
    for (const method of [route.method].flat())
      routes.push({ method, url: route.url, access: route.config.access });
    if (route.config.ownDeadline !== true) route.handlerTimeout ??= requestTimeoutMs;
  });
}

/** Fastify's `onRequest`: identifies the caller and checks the route's permission. */
function admission({ dashboard, identify, isDraining }: HttpServerOptions) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    reply.header('x-request-id', request.id);
    reply.header('x-content-type-options', 'nosniff');
    // Only a caller with a valid key learns that an address does not exist, whatever its permissions. The dashboard's
    // page reveals nothing.
    const unknown = dashboard !== undefined && wantsPage(request) ? 'public' : 'anyone known';
    const access = request.is404 ? unknown : request.routeOptions.config.access;
    if (isDraining() && access !== 'public') {
      reply.header('connection', 'close');
      throw new AppError('shutting_down', 'The server is stopping; try again shortly.', { retryAfter: 2 });
    }
    if (access === 'public') return;
    reply.header('cache-control', 'no-store');
    const identity = await identify(request);
    if (identity === null) {
      throw new AppError('unauthorized', 'A valid API key is needed: send "Authorization: Bearer <key>".');
    }
    if (access === undefined) throw new Error('A route without access was registered.');
    if (access !== 'anyone known') requirePermission(identity, access);
    request.identity = identity;
  };
}

/** Fastify's `onResponse`: one line per request, for who debugs. */
async function logResponse(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  request.log.debug(
    {
      method: request.method,
      route: request.routeOptions.url ?? null,
      status: reply.statusCode,
      duration_ms: Math.round(reply.elapsedTime * 1000) / 1000,
    },
    'request',
  );
}

/** A route as registered; a GET also has its HEAD. */
export interface RegisteredRoute {
  readonly method: string;
  readonly url: string;
  readonly access: Access;
}

const REGISTERED = new WeakMap<FastifyInstance, readonly RegisteredRoute[]>();

/** Every route of a server that {@link createHttpServer} made. */
export function registeredRoutes(app: FastifyInstance): readonly RegisteredRoute[] {
  return REGISTERED.get(app) ?? [];
}

/** The path without its query, short enough to print. */
function pathOf(url: string): string {
  return url.replace(/[?#].*$/s, '').slice(0, 200);
}
