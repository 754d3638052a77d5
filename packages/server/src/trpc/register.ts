/** Serves the router below `/trpc`, with the same identity as REST. */
import { fastifyRequestHandler } from '@trpc/server/adapters/fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { appRouter } from './router.ts';
import type { DashboardServices } from './services.ts';
import { answerOf } from './trpc.ts';

/** Most procedures of one batched request. */
const MAX_BATCH_SIZE = 20;

/** Largest body of a change: the largest estimate fits many times over. */
const BODY_LIMIT_BYTES = 262_144;

/**
 * Adds `GET /trpc/:path` for queries and `POST` for changes. Like every route they demand a key or a session that may
 * read before tRPC sees the request; a session's POST counts only from the dashboard's own pages, and what a change
 * needs beyond reading is asked by its procedure.
 *
 * @example registerTrpc(app, { db, now: Date.now, notice: null, agents, alerts, books, defaultLimitPicos });
 */
export function registerTrpc(app: FastifyInstance, services: DashboardServices): void {
  // A HEAD beside the GET would find no procedure.
  const options = { config: { access: 'usage:read' }, exposeHeadRoute: false } as const;
  app.get<Path>('/trpc/:path', options, answering(services));
  // Bodies are read and judged like those of the API; tRPC takes what came of them.
  app.post<Path>('/trpc/:path', { ...options, bodyLimit: BODY_LIMIT_BYTES }, answering(services));
}

interface Path {
  readonly Params: { readonly path: string };
}

const answering =
  (services: DashboardServices) =>
  (request: FastifyRequest<Path>, reply: FastifyReply): Promise<void> =>
    fastifyRequestHandler({
      req: request,
      res: reply,
      path: request.params.path,
      router: appRouter,
      maxBatchSize: MAX_BATCH_SIZE,
      createContext: () => ({ identity: request.identity, requestId: request.id, services }),
      onError: ({ error, path }) => {
        if (answerOf(error).status < 500) return;
        request.log.warn({ err: error.cause ?? error, procedure: path?.slice(0, 200) }, 'Procedure failed');
      },
    });
