/** A server with something of everything in it, so that every example of the reference has what it asks for. */
import { type Permission, ROLE_PERMISSIONS, type Role } from '@farthing/contract';
import { startTestServer, type TestServer } from '../server/test-server.ts';

/** What it is a moment before the examples are run. */
export const NOW = Date.UTC(2026, 10, 22, 13, 7, 33);

export interface World {
  readonly test: TestServer;
  readonly url: string;
  /** A key of `acme` (of no tenant for the administrator) that may do this and as little else as a role allows. */
  keyFor(permission: Permission): string;
  stop(): Promise<void>;
}

/** From the least to the most. */
const ROLES: readonly Role[] = ['ingest', 'viewer', 'member', 'tenant_admin', 'admin'];

/** Starts it; `env` overrides settings. */
export async function startWorld(env: Record<string, string> = {}): Promise<World> {
  const test = await startTestServer(env, () => NOW);
  const { tenants } = test.server.context;
  const keys = new Map<Role, string>([['admin', test.adminKey]]);
  for (const role of ROLES) {
    if (role === 'admin') continue;
    const { secret } = await tenants.createKey({ name: role, role, tenantId: 'acme' }, 'test');
    keys.set(role, secret);
  }
  const events = await test.send('POST', '/api/usage/events', { key: test.acmeKey, body: EVENTS });
  if (events.body.data?.accepted !== EVENTS.length) throw new Error(JSON.stringify(events.body));
  return {
    test,
    url: test.server.url,
    keyFor(permission) {
      const role = ROLES.find((one) => (ROLE_PERMISSIONS[one] as readonly string[]).includes(permission));
      return (role === undefined ? undefined : keys.get(role)) ?? test.adminKey;
    },
    stop: () => test.stop(),
  };
}

const EVENTS = [
  {
    id: 'call-0',
    time: '2026-11-21T10:00:00Z',
    provider: 'openai',
    model: 'gpt-5.2',
    quantities: { input_uncached: 1200, output_text: 80 },
    agent: 'crawler',
    user: 'u-1',
    project: 'search',
    environment: 'production',
    workflow: 'wf-1',
    task: 'summarise',
    tags: { team: 'search' },
    latency_ms: 700,
  },
  {
    id: 'call-1',
    time: '2026-11-22T10:00:00Z',
    provider: 'openai',
    model: 'gpt-5.2',
    operation: 'chat',
    quantities: { input_uncached: 1200, output_text: 80 },
    agent: 'crawler',
    environment: 'production',
    tags: { team: 'search' },
    workflow: 'nightly-index',
  },
  {
    id: 'call-of-house',
    time: '2026-11-22T11:00:00Z',
    provider: 'openai',
    model: 'a-model-of-our-own',
    quantities: { input_uncached: 5 },
    tags: { team: 'search' },
    status: 'error',
  },
];
