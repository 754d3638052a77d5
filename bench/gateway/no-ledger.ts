/** The gateway with everything but the ledger: events are built and dropped. Shows what recording costs. */
import { fastify } from 'fastify';
import { ownSecrets } from '../../packages/server/src/gateway/admission/own-secrets.ts';
import { openRooms } from '../../packages/server/src/gateway/admission/rooms.ts';
import { gatewayRoutes } from '../../packages/server/src/gateway/routes.ts';
import type { GatewaySettings } from '../../packages/server/src/gateway/settings.ts';
import { makeIdentity } from '../../packages/server/src/tenants/identity.ts';

const [, , upstream = '', key = ''] = process.argv;
const identity = makeIdentity({ keyId: 'bench', role: 'admin', tenantId: null });
const app = fastify();
const settings: GatewaySettings = {
  baseUrls: { openai: upstream, anthropic: upstream },
  durability: 'strict',
  onClientDisconnect: 'abort',
  readOnMs: 60_000,
  askStreamUsage: true,
  bodyLimitBytes: 1_048_576,
  upstreamTimeoutMs: 60_000,
  calls: 2_048,
  waiting: 1_024,
  waitMs: 10_000,
  memoryBytes: 268_435_456,
};
await app.register(gatewayRoutes, {
  settings,
  rooms: openRooms(settings),
  ownSecrets: ownSecrets([key]),
  identify: async (given) => (given === key ? identity : null),
  record: async () => undefined,
  onRecordFailure: () => undefined,
  recording: true,
  isDraining: () => false,
  now: Date.now,
});
process.send?.(await app.listen({ port: 0, host: '127.0.0.1' }));
