/** What examples need before they run: things with ids that only the server knows, signed-in users. */
import type { TestServer } from '../server/test-server.ts';
import type { World } from './world.ts';

/** What an example needs beside what it says: ids that only the server knows, a cookie. */
export interface Prepared {
  readonly params?: { readonly [name: string]: string };
  readonly headers?: { readonly [name: string]: string };
  readonly body?: { readonly [name: string]: unknown };
}

/** Makes what the example of a route is about. */
export const PREPARE: { readonly [route: string]: (world: World) => Promise<Prepared> } = {
  'POST /api/session/end': async ({ test }) => {
    const { sessions } = test.server.context;
    const link = await sessions.createLink({ role: 'admin' }, 'test');
    const secret = await sessions.redeem(link);
    return { headers: signedInBy(`farthing_session=${secret}`) };
  },
  'POST /api/login': async (world) => {
    await person(world, 'ada@example.com');
    return {};
  },
  'POST /api/login/link': async (world) => ({ body: { token: (await invited(world)).token } }),
  'POST /api/session/password': async (world) => ({ headers: (await person(world)).headers }),
  'POST /api/session/tenant': async (world) => ({ headers: (await person(world)).headers }),
  'DELETE /api/sessions/:id': async (world) => {
    const { headers, session } = await person(world);
    return { headers, params: { id: session } };
  },
  'DELETE /api/admin/sessions/:id': async (world) => ({ params: { id: (await person(world)).session } }),
  'PATCH /api/admin/users/:id': async (world) => ({ params: { id: (await person(world)).id } }),
  'DELETE /api/admin/users/:id': async (world) => ({ params: { id: (await person(world)).id } }),
  'POST /api/admin/users/:id/link': async (world) => ({ params: { id: (await invited(world)).id } }),
  'POST /api/admin/keys/:id/rotate': async ({ test }) => ({ params: { id: await newKey(test) } }),
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
  'GET /api/admin/erasure/:id': async ({ test }) => {
    const made = await test.send('POST', '/api/admin/erasure', { body: { user: 'nobody', tenant: 'acme' } });
    return { params: { id: made.body.data.id } };
  },
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

/** Sent by a page of the dashboard itself. */
const signedInBy = (cookie: string) => ({ cookie, 'sec-fetch-site': 'same-origin' });

const PASSWORD = 'a quarter of a penny';
let people = 0;

/** A member of `acme` who was invited and has not come yet. */
async function invited(
  { test }: World,
  email = `person-${++people}@example.com`,
): Promise<{ id: string; token: string }> {
  const made = await test.send('POST', '/api/admin/users', { body: { email, tenant: 'acme' } });
  const { user, link } = made.body.data;
  return { id: user.id, token: link.url.replace(/^.*#/, '') };
}

/** A member of `acme` who is signed in. */
async function person(
  world: World,
  email?: string,
): Promise<{ id: string; session: string; headers: { readonly [name: string]: string } }> {
  const { id, token } = await invited(world, email);
  const body = { token, password: PASSWORD };
  const joined = await world.test.send('POST', '/api/login/link', { key: null, body });
  const cookie = String(joined.headers['set-cookie']).replace(/;.*$/, '');
  const headers = signedInBy(cookie);
  const own = await world.test.send('GET', '/api/sessions', { key: null, headers });
  return { id, session: own.body.data.sessions[0].id, headers };
}

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
