/** `/gateway/<provider>/*`: the real providers behind our address. */
import type { FastifyInstance } from 'fastify';
import { ForeignCredentials } from './admission/foreign-credentials.ts';
import { closeRooms } from './admission/rooms.ts';
import { openConnections } from './attempt/send.ts';
import type { GatewayParts } from './gateway-parts.ts';
import { type CallHandling, handleCall } from './handle-call.ts';
import { gatewayProviders } from './providers/gateway-provider.ts';
import { settler } from './recording/settle.ts';
import { gatewaySteps } from './steps/steps.ts';
import { UnderWay } from './under-way.ts';

/**
 * Registers the routes of every offered provider. `app.close()` returns when every running call has its event.
 *
 * @example await app.register(gatewayRoutes, { settings, identify, record, … });
 */
export async function gatewayRoutes(app: FastifyInstance, parts: GatewayParts): Promise<void> {
  const connections = openConnections();
  const underWay = new UnderWay();
  const settle = settler(parts);
  const handling: CallHandling = {
    parts,
    connections,
    underWay,
    foreign: new ForeignCredentials(async (key) => (await parts.identify(key)) !== null, parts.now),
    steps: gatewaySteps(parts),
    // With relaxed durability only a server stop waits for the event.
    settle: (attempt, outcome) => {
      const durable = settle(attempt, outcome);
      underWay.add({ over: durable, stopReading: () => undefined });
      return durable;
    },
  };
  app.addHook('preClose', async () => closeRooms(parts.rooms));
  app.addHook('onClose', async () => {
    await underWay.finish();
    await connections.destroy();
  });
  // Bodies are the provider's business: they arrive here as they were sent.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));

  for (const provider of gatewayProviders(parts.settings)) {
    app.route({
      method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
      url: `/gateway/${provider.id}/*`,
      // The key comes in x-farthing-key, since `authorization` belongs to the provider: checked by `admit`.
      // A stream may run for hours; a silent one is ended by the timeout between chunks.
      config: { access: 'public', ownDeadline: true },
      handler: (request, reply) => {
        reply.hijack();
        const { id, log } = request;
        handleCall(request.raw, reply.raw, { provider, handling, id, log }).catch((error: unknown) => {
          log.error({ err: error }, 'gateway call failed');
          reply.raw.destroy();
        });
      },
    });
  }
}
