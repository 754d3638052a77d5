/** The HTTP server: bounds, request ids, denial by default and one form of error, before any route exists. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { AppError } from '@farthing/contract';
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
  fastify,
  LogController,
} from 'fastify';
import type { Identity } from '../tenants/identity.ts';
import { readJsonBodies } from './bodies/body.ts';
import { type Access, requirePermission } from './callers/access.ts';
import { readAsCaller } from './callers/asker.ts';
import { type Dashboard, sendNotFoundPage, wantsPage } from './dashboard-pages.ts';
import { answerError } from './errors.ts';
import { requestId } from './request-id.ts';

export interface HttpServerOptions {
  readonly log: FastifyBaseLogger;
  /** Who is calling; null without a credential or with a bad one. */
  readonly identify: (request: FastifyRequest) => Promise<Identity | null>;
  readonly requestTimeoutMs: number;
  readonly maxConnections: number;
  /** Addresses and networks whose `X-Forwarded-For`, `-Proto` and `-Host` are believed; none where absent. */
  readonly trustedProxies?: readonly string[];
  /** Shown where a browser asks for an address that is none; absent: it is told in JSON like everybody. */
  readonly dashboard?: Dashboard;
  /** While true, everything but health checks is refused with 503. */
  readonly isDraining: () => boolean;
}

/** Body bound of routes that do not state one. */
const BODY_LIMIT_BYTES = 1_048_576;

/**
 * Makes the server without routes. Every route must state `config.access`; one that does not is refused when it
 * is registered, which stops the start.
 */
export function createHttpServer(options: HttpServerOptions): FastifyInstance {
  const { trustedProxies = [] } = options;
  const app: FastifyInstance = fastify({
    loggerInstance: options.log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    genReqId: requestId,
    requestIdHeader: false,
    // A list: what somebody else says of the address in front of him is worth nothing.
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    bodyLimit: BODY_LIMIT_BYTES,
    // Node's own guard against slow senders; Fastify switches it off unless told.
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

  const routes: RegisteredRoute[] = [];
  REGISTERED.set(app, routes);
  readJsonBodies(app);
  app.decorateRequest('identity', null);
  app.decorateRequest('identifyAgain', function identifyAgain(this: FastifyRequest) {
    return options.identify(this);
  });
  app.addHook('onRoute', (route) => {
    if (route.config?.access === undefined) {
      throw new Error(
        `The route ${String(route.method)} ${route.url} does not say who may call it (config.access).`,
      );
    }
    for (const method of [route.method].flat())
      routes.push({ method, url: route.url, access: route.config.access });
    if (route.config.ownDeadline !== true) route.handlerTimeout ??= options.requestTimeoutMs;
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    reply.header('x-content-type-options', 'nosniff');
    // An unknown address is told only to who has a key, whatever it may do; the dashboard's page tells nothing.
    const unknown = options.dashboard !== undefined && wantsPage(request) ? 'public' : 'anyone known';
    const access = request.is404 ? unknown : request.routeOptions.config.access;
    if (options.isDraining() && access !== 'public') {
      reply.header('connection', 'close');
      throw new AppError('shutting_down', 'The server is stopping; try again shortly.', { retryAfter: 2 });
    }
    if (access === 'public') return;
    reply.header('cache-control', 'no-store');
    const identity = await options.identify(request);
    if (identity === null) {
      throw new AppError('unauthorized', 'A valid API key is needed: send "Authorization: Bearer <key>".');
    }
    if (access === undefined) throw new Error('A route without access was registered.');
    if (access !== 'anyone known') requirePermission(identity, access);
    request.identity = identity;
  });
  app.addHook('preHandler', readAsCaller);
  // A connection that was busy when the stop began would otherwise stay open, idle, until its time-out.
  app.addHook('onSend', async (_request, reply) => {
    if (options.isDraining()) reply.header('connection', 'close');
  });
  app.addHook('onResponse', async (request, reply) => {
    request.log.debug(
      {
        method: request.method,
        route: request.routeOptions.url ?? null,
        status: reply.statusCode,
        duration_ms: Math.round(reply.elapsedTime * 1000) / 1000,
      },
      'request',
    );
  });
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request, reply) => {
    if (options.dashboard !== undefined && wantsPage(request)) {
      return sendNotFoundPage(reply, options.dashboard);
    }
    throw new AppError('not_found', `There is no ${request.method} ${pathOf(request.url)}.`);
  });
  return app;
}

/** A route as it was registered, HEAD beside its GET. */
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

/** `Expect` with anything but `100-continue`: Node would answer without a word. */
function refuseExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const message = 'Expect: only 100-continue is understood.';
  const error = { code: 'bad_request', message, request_id: requestId({ headers: {} }) };
  response.writeHead(417, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ success: false, error }));
}

const BROKEN_REQUESTS: { readonly [code: string]: readonly [number, string, string, string] } = {
  HPE_HEADER_OVERFLOW: [
    431,
    'Request Header Fields Too Large',
    'bad_request',
    'The headers are larger than 16 KiB.',
  ],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'bad_request', 'The request took too long to arrive.'],
};

/** What never became a request (bad HTTP, too slow) gets the same form of error, then the connection ends. */
function refuseBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, reason, code, message] = BROKEN_REQUESTS[error.code ?? ''] ?? [
    400,
    'Bad Request',
    'bad_request',
    'This is not a valid HTTP request.',
  ];
  const body = JSON.stringify({
    success: false,
    error: { code, message, request_id: requestId({ headers: {} }) },
  });
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
