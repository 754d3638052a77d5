/** The gateway with everything but the ledger: events are built and dropped. Shows what recording costs. */
import { fastify } from 'fastify';
import { gatewayRoutes } from '../../packages/server/src/gateway/routes.ts';
import { makeIdentity } from '../../packages/server/src/tenants/identity.ts';

const [, , upstream = '', key = ''] = process.argv;
const identity = makeIdentity({ keyId: 'bench', role: 'admin', tenantId: null });
const app = fastify();
await app.register(gatewayRoutes, {
  settings: {
    baseUrls: { openai: upstream, anthropic: upstream },
    durability: 'strict',
    onClientDisconnect: 'abort',
    readOnMs: 60_000,
    askStreamUsage: true,
    bodyLimitBytes: 1_048_576,
    upstreamTimeoutMs: 60_000,
  },
  identify: async (given) => (given === key ? identity : null),
  record: async () => undefined,
  onRecordFailure: () => undefined,
  recording: true,
  isDraining: () => false,
  now: Date.now,
});
process.send?.(await app.listen({ port: 0, host: '127.0.0.1' }));
