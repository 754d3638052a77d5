/** Serves the router below `/trpc`, with the same identity as REST. */
import { fastifyRequestHandler } from '@trpc/server/adapters/fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { appRouter } from './router.ts';
import type { DashboardServices } from './services.ts';
import { answerOf } from './trpc.ts';

/** Most procedures of one batched request. */
const MAX_BATCH_SIZE = 20;

/**
 * Adds `GET /trpc/:path`. Like every route it demands a key or a session that may read before tRPC sees the request.
 * There are only queries: the first page that changes something adds the `POST` and asks for the permission it needs.
 *
 * @example registerTrpc(app, { db, now: Date.now, notice: null, users });
 */
export function registerTrpc(app: FastifyInstance, services: DashboardServices): void {
  // An automatic HEAD route would find no procedure.
  const options = { config: { access: 'usage:read' }, exposeHeadRoute: false } as const;
  app.get<Path>('/trpc/:path', options, answering(services));
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
