/** Puts the endpoints of `routes.ts` on the server: one way of calling, answering and bounding for all of them. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { AppContext } from '../context.ts';
import { readEventBodies } from '../http/bodies/body.ts';
import { BodyMemory } from '../http/bodies/body-memory.ts';
import { ALL_ROUTES } from './all-routes.ts';
import { isEnvelope } from './answer-kinds.ts';
import { registerReferencePages } from './docs/reference-pages.ts';
import type { Endpoint } from './endpoint.ts';
import { sendEnvelope, sendKind } from './send.ts';

/** Registers every endpoint, and the pages of their reference. */
export async function registerApi(app: FastifyInstance, context: AppContext): Promise<void> {
  registerReferencePages(app);
  const entries = Object.entries(ALL_ROUTES);
  for (const [key, endpoint] of entries)
    if (endpoint.bytes === undefined) addRoute(app, context, key, endpoint);
  // Event bodies are read as bytes, in a separate scope: content type parsers apply to a whole scope.
  await app.register(async (scope) => {
    const { inflatedLimitBytes, bodyLimitBytes, bodyMemoryBytes } = context.config.http;
    const largest = Math.max(inflatedLimitBytes, bodyLimitBytes);
    readEventBodies(scope, {
      inflatedLimitBytes,
      memory: new BodyMemory({ bytes: bodyMemoryBytes, largest }),
    });
    for (const [key, endpoint] of entries)
      if (endpoint.bytes !== undefined) addRoute(scope, context, key, endpoint);
  });
}

function addRoute(app: FastifyInstance, context: AppContext, key: string, endpoint: Endpoint): void {
  const [method, url] = key.split(' ', 2);
  if (method === undefined || url === undefined) throw new Error(`"${key}" is not a method and a path`);
  checkPath(key, url, endpoint);
  app.route({
    method,
    url,
    // Recording is bounded by the recorder: by its queue, by the database's statement time, by the spool.
    // Streams have no known end, so no timer; `send.ts` disconnects a client that stalls while reading a file.
    config: {
      access: endpoint.access,
      ownDeadline: endpoint.bytes !== undefined || endpoint.duration === 'long',
    },
    exposeHeadRoute: method === 'GET' && endpoint.duration !== 'long',
    ...(endpoint.bytes === undefined ? {} : { bodyLimit: context.config.http.bodyLimitBytes }),
    ...(endpoint.bodyLimitBytes === undefined ? {} : { bodyLimit: endpoint.bodyLimitBytes }),
    handler: answering(context, endpoint),
  });
}

function answering(context: AppContext, endpoint: Endpoint) {
  const { answer, status = 200, meta, etag = false } = endpoint;
  if (!isEnvelope(answer)) {
    return async (request: FastifyRequest, reply: FastifyReply) =>
      sendKind(answer, await endpoint.call(context, request, reply), { request, reply, etag });
  }
  if (etag || meta !== undefined) {
    return async (request: FastifyRequest, reply: FastifyReply) => {
      const data = await endpoint.call(context, request, reply);
      return sendEnvelope(
        { success: true, data, ...(meta === undefined ? {} : { meta }) },
        { request, reply, etag },
      );
    };
  }
  // No schema: JSON.stringify prints it, which keeps exact numbers (http/money.ts) exact.
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const data = await endpoint.call(context, request, reply);
    if (status !== 200) reply.code(status);
    return { success: true, data };
  };
}

/** The parts of the path are those the endpoint reads: a mistake in either stops the start. */
function checkPath(key: string, url: string, { params }: Endpoint): void {
  const inUrl = [...url.matchAll(/:(\w+)/g)].map(([, name]) => name).sort();
  const read = params instanceof z.ZodObject ? Object.keys(params.shape).sort() : [];
  if (inUrl.join() !== read.join()) {
    throw new Error(
      `${key} names the parts (${inUrl.join(', ')}) and its "params" are (${read.join(', ')}).`,
    );
  }
}
