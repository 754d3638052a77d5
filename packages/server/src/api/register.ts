/** Puts the endpoints of `routes.ts` on the server: one way of calling, answering and bounding for all of them. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AppContext } from '../context.ts';
import { readEventBodies } from '../http/body.ts';
import { type Endpoint, SENT } from './endpoint.ts';
import { ROUTES } from './routes.ts';

/** Registers every endpoint. */
export async function registerApi(app: FastifyInstance, context: AppContext): Promise<void> {
  const entries = Object.entries(ROUTES);
  for (const [key, endpoint] of entries)
    if (endpoint.body !== 'events') addRoute(app, context, key, endpoint);
  // Event bodies are read as bytes, in a scope of their own: content type parsers hold for a whole scope.
  await app.register(async (scope) => {
    readEventBodies(scope, context.config.http.inflatedLimitBytes);
    for (const [key, endpoint] of entries)
      if (endpoint.body === 'events') addRoute(scope, context, key, endpoint);
  });
}

function addRoute(app: FastifyInstance, context: AppContext, key: string, endpoint: Endpoint): void {
  const [method, url] = key.split(' ', 2);
  if (method === undefined || url === undefined) throw new Error(`"${key}" is not a method and a path`);
  app.route({
    method,
    url,
    // Recording is bounded by the recorder: by its queue, by the database's statement time, by the spool.
    config: { access: endpoint.access, ownDeadline: endpoint.body === 'events' },
    exposeHeadRoute: method === 'GET' && endpoint.duration !== 'long',
    ...(endpoint.body === 'events' ? { bodyLimit: context.config.http.bodyLimitBytes } : {}),
    ...(endpoint.bodyLimitBytes === undefined ? {} : { bodyLimit: endpoint.bodyLimitBytes }),
    handler: async (request: FastifyRequest, reply: FastifyReply) => {
      const data = await endpoint.handle(context, request, reply);
      if (data === SENT) return reply;
      // No schema: JSON.stringify prints it, which keeps exact numbers (http/money.ts) exact.
      return { success: true, data };
    },
  });
}
