import { parseSetCookie } from 'cookie';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SessionScope } from '../../packages/server/src/tenants/sessions/login-link-store.ts';
import { ADMIN_KEY, startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const sessions = () => server.server.context.sessions;
const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin' };

/** Opens a one-time link and returns the `Cookie` header of its session. */
async function signIn(scope: SessionScope = { role: 'admin' }, headers: Record<string, string> = {}) {
  const token = await sessions().createLink(scope, 'test');
  const answer = await server.server.app.inject({ method: 'GET', url: `/login?token=${token}`, headers });
  const { value = '' } = parseSetCookie(String(answer.headers['set-cookie']));
  return { cookie: `farthing_session=${value}`, secret: value, token };
}

async function statusOf(
  method: 'GET' | 'POST' | 'DELETE',
  url: string,
  headers: Record<string, string>,
  body?: unknown,
): Promise<number> {
  return (await server.send(method, url, { key: null, headers, body })).status;
}

test.each([
  ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
  ['a neighbour on the same domain', { 'sec-fetch-site': 'same-site', origin: 'http://evil.localhost' }],
  ['another site in an old browser', { origin: 'https://evil.example', host: 'localhost:80' }],
  ['a page of another scheme on the same host', { origin: 'ftp://localhost:80', host: 'localhost:80' }],
  [
    'the same host by https, which is not how it is reached',
    { origin: 'https://localhost', host: 'localhost' },
  ],
  ['another port', { origin: 'http://localhost:81', host: 'localhost:80' }],
  ['a sandboxed frame', { origin: 'null', host: 'localhost:80' }],
  ['a caller that says nothing about itself', {}],
])('a change that %s asks for with the cookie is refused', async (_who, headers) => {
  const { cookie } = await signIn();
  const all = { cookie, ...headers };
  expect(await statusOf('POST', '/api/session/end', all)).toBe(401);
  expect(await statusOf('POST', '/api/admin/keys', all, { name: 'stolen', role: 'admin' })).toBe(401);
  expect(await statusOf('POST', '/api/admin/tenants', all, { id: 'planted' })).toBe(401);
  expect(await statusOf('POST', '/api/usage/events', all, [{}])).toBe(401);
  expect(await statusOf('GET', '/trpc/session.me', { cookie })).toBe(200);
});

test('the dashboard itself may end its session, in a browser with and without Sec-Fetch-Site', async () => {
  const modern = await signIn();
  expect(await statusOf('POST', '/api/session/end', { cookie: modern.cookie, ...SAME_ORIGIN })).toBe(200);
  const old = await signIn();
  const headers = { cookie: old.cookie, origin: 'http://localhost:4141', host: 'localhost:4141' };
  expect(await statusOf('POST', '/api/session/end', headers)).toBe(200);
});

test('a one-time link works with what a mail program adds to it, and one that was garbled leads to the overview', async () => {
  const token = await sessions().createLink({ role: 'admin' }, 'test');
  const open = async (query: string) => {
    const { statusCode, headers } = await server.server.app.inject({ method: 'GET', url: `/login?${query}` });
    return [statusCode, headers['location'], headers['set-cookie'] !== undefined];
  };
  expect(await open(`token=${token}${'x'.repeat(200)}&utm_source=mail`)).toEqual([303, '/', false]);
  expect(await open(`token=a&token=b`)).toEqual([303, '/', false]);
  expect(await open(`utm_source=mail&token=${token}&utm_campaign=a%20b`)).toEqual([303, '/', true]);
});

test('a session cookie planted before the sign-in is replaced and never becomes a session', async () => {
  const planted = 'planted-by-somebody-else-0123456789abcdefghijklm';
  const { secret } = await signIn({ role: 'admin' }, { cookie: `farthing_session=${planted}` });
  expect(secret).not.toBe(planted);
  expect(await statusOf('GET', '/trpc/session.me', { cookie: `farthing_session=${planted}` })).toBe(401);
});

test('a session that was ended is out at once, on every door; another session of the same person stays', async () => {
  const one = await signIn();
  const other = await signIn();
  const doors = ['/trpc/session.me', '/api/cost/dashboard', '/api/usage/events', '/api/admin/tenants'];
  for (const door of doors) expect(await statusOf('GET', door, { cookie: one.cookie })).toBe(200);
  await statusOf('POST', '/api/session/end', { cookie: one.cookie, ...SAME_ORIGIN });
  for (const door of [...doors, '/api/usage/stream'])
    expect(await statusOf('GET', door, { cookie: one.cookie })).toBe(401);
  expect(await statusOf('GET', '/trpc/session.me', { cookie: other.cookie })).toBe(200);
});

test.each([
  ['no cookie', {}],
  ['an invented cookie', { cookie: `farthing_session=${'A'.repeat(43)}` }],
  ['an empty cookie', { cookie: 'farthing_session=' }],
  ['an API key in the cookie', { cookie: `farthing_session=${encodeURIComponent(ADMIN_KEY)}` }],
  ['a broken cookie', { cookie: 'farthing_session=%E0%A4%A; ;;=' }],
  ['a huge cookie', { cookie: `farthing_session=${'x'.repeat(8_000)}` }],
])('tRPC and the live stream answer 401 to %s', async (_what, headers: Record<string, string>) => {
  for (const url of ['/trpc/session.me', '/trpc/overview.cards,events.list?batch=1', '/api/usage/stream'])
    expect(await statusOf('GET', url, headers)).toBe(401);
});

test('a link and a session that are too old are worth nothing', async () => {
  const link = await sessions().createLink({ role: 'admin' }, 'test');
  const { cookie } = await signIn();
  await server.server.context.db.asOperator(async (tx) => {
    await tx.query(`update login_links set expires_at = now() - interval '1 second' where used_at is null`);
    await tx.query(`update sessions set expires_at = now() - interval '1 second' where revoked_at is null`);
  });
  expect(await sessions().redeem(link)).toBeNull();
  expect(await statusOf('GET', '/trpc/session.me', { cookie })).toBe(401);
});

test('a session for one tenant cannot read another by any input of tRPC or REST', async () => {
  const { cookie } = await signIn({ role: 'member', tenantId: 'acme' });
  const theirs = encodeURIComponent(JSON.stringify({ tenant: 'globex' }));
  const event = encodeURIComponent(JSON.stringify({ tenant: 'globex', id: 'x' }));
  const urls = [
    ...['overview.cards', 'overview.series', 'overview.breakdown', 'events.list'].map(
      (procedure) => `/trpc/${procedure}?input=${theirs}`,
    ),
    `/trpc/events.get?input=${event}`,
    '/api/usage/stream?tenant=globex',
    '/api/usage/events?tenant=globex',
    '/api/usage/events/x?tenant=globex',
    '/api/cost/dashboard?tenant=globex',
    '/api/cost/summary?tenant=globex',
    '/api/admin/tenants',
    '/api/admin/keys',
  ];
  const answers = await Promise.all(urls.map(async (url) => [url, await statusOf('GET', url, { cookie })]));
  expect(answers).toEqual(urls.map((url) => [url, 403]));
});

test('neither a link nor a session stands in the log or, as it is, in the database', async () => {
  const { secret, token } = await signIn();
  await statusOf('GET', '/trpc/session.me', { cookie: `farthing_session=${secret}` });
  const stored = await server.server.context.db.asOperator(async (tx) => {
    const { rows } = await tx.query<{ text: string }>(
      'select l::text as text from login_links l union all select s::text from sessions s union all select a::text from audit_log a',
    );
    return rows.map(({ text }) => text).join('\n');
  });
  for (const where of [stored, server.lines.join('\n')]) {
    expect(where).not.toContain(secret);
    expect(where).not.toContain(token);
  }
});
