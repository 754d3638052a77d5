/** Serves the router below `/trpc`, with the same identity as REST. */
import { fastifyRequestHandler } from '@trpc/server/adapters/fastify';
import type { FastifyInstance } from 'fastify';
import { appRouter } from './router.ts';
import type { DashboardServices } from './services.ts';
import { answerOf } from './trpc.ts';

/** Most procedures of one batched request. */
const MAX_BATCH_SIZE = 20;

/**
 * Adds `GET /trpc/:path`; like every route it demands a key or a session before tRPC sees the request. There are
 * only queries, so nothing but GET is served.
 *
 * @example registerTrpc(app, { db, now: Date.now });
 */
export function registerTrpc(app: FastifyInstance, services: DashboardServices): void {
  // tRPC answers nothing but GET: a HEAD beside it would find no procedure.
  const options = { config: { access: 'usage:read' }, exposeHeadRoute: false } as const;
  app.get<{ Params: { path: string } }>('/trpc/:path', options, (request, reply) =>
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
    }),
  );
}
