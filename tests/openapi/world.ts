/** A server with something of everything in it, so that every example of the reference has what it asks for. */
import { type Permission, ROLE_PERMISSIONS, type Role } from '@farthing/contract';
import type { Example } from '../../packages/server/src/api/endpoint.ts';
import { startTestServer, type TestServer } from '../server/test-server.ts';

/** What it is a moment before the examples are run. */
export const NOW = Date.UTC(2026, 10, 22, 13, 7, 33);

export interface World {
  readonly test: TestServer;
  readonly url: string;
  /** A key of `acme` (of nobody for the administrator) that may do this and as little else as a role allows. */
  keyFor(permission: Permission): string;
  stop(): Promise<void>;
}

/** From the least to the most. */
const ROLES: readonly Role[] = ['ingest', 'viewer', 'member', 'tenant_admin', 'admin'];

export async function startWorld(): Promise<World> {
  const test = await startTestServer({}, () => NOW);
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

/** What an example needs beside what it says: ids that only the server knows, a cookie. */
export interface Prepared {
  readonly params?: { readonly [name: string]: string };
  readonly headers?: { readonly [name: string]: string };
}

/** Makes what the example of a route is about. */
export const PREPARE: { readonly [route: string]: (world: World, example: Example) => Promise<Prepared> } = {
  'POST /api/session/end': async ({ test }) => {
    const { sessions } = test.server.context;
    const link = await sessions.createLink({ role: 'admin' }, 'test');
    const secret = await sessions.redeem(link);
    return { headers: { cookie: `farthing_session=${secret}`, 'sec-fetch-site': 'same-origin' } };
  },
  'DELETE /api/admin/keys/:id': async ({ test }) => ({ params: { id: await newKey(test) } }),
  'DELETE /api/admin/prices/:kind/:id': async ({ test }) => {
    const body = { kind: 'alias', provider: 'openai', alias: 'soon-gone', model: 'gpt-5.2' };
    const made = await test.send('POST', '/api/admin/prices', { body });
    return { params: { kind: 'alias', id: made.body.data.id } };
  },
  'DELETE /api/admin/prices/versions/:id': async ({ test }) => {
    const rates = { input_uncached: '1', output_text: '2' };
    const data = [{ provider: 'openai', model: 'house-model-of-a-table', rates }];
    const body = { format: 'farthing', table: 'house', data, confirm: true };
    const made = await test.send('POST', '/api/admin/prices/import', { body });
    const { body: all } = await test.send('GET', '/api/admin/prices/versions');
    if (made.status !== 200) throw new Error(JSON.stringify(made.body));
    return { params: { id: all.data.versions[0].id } };
  },
  'GET /api/ops/alerts/thresholds/:id': newThreshold,
  'PUT /api/ops/alerts/thresholds/:id': newThreshold,
  'DELETE /api/ops/alerts/thresholds/:id': newThreshold,
  'GET /api/admin/rerating/:id': async ({ test }) => ({ params: { id: await newRun(test) } }),
  // A run that is over cannot be cancelled: this one has no end.
  'POST /api/admin/rerating/:id/cancel': async ({ test }) => {
    const id = '01930000-0000-7000-8000-00000000000c';
    await test.server.context.db.asOperator((tx) =>
      tx.query(
        `insert into rerating_runs (id, status, dry_run, reason, created_by, unpriced_only)
         values ($1, 'running', true, 'test', 'test', false)`,
        [id],
      ),
    );
    return { params: { id } };
  },
};

async function newKey(test: TestServer): Promise<string> {
  const made = await test.send('POST', '/api/admin/keys', { body: { name: 'short-lived', tenant: 'acme' } });
  return made.body.data.id;
}

async function newThreshold({ test }: World): Promise<Prepared> {
  const body = { period: 'day', amount_usd: '5' };
  const made = await test.send('POST', '/api/ops/alerts/thresholds', { key: test.acmeKey, body });
  return { params: { id: made.body.data.id } };
}

async function newRun(test: TestServer): Promise<string> {
  const body = { reason: 'an example', tenant: 'globex' };
  const made = await test.send('POST', '/api/admin/rerating', { body });
  return made.body.data.id;
}
