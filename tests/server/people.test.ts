/** People: invited, signed in with a password, shut out; no caller learns of accounts or gets one of another user. */
import { parseSetCookie } from 'cookie';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startTestServer, type TestServer } from './test-server.ts';

// Checking a password is meant to take its time.
vi.setConfig({ testTimeout: 120_000 });

const PASSWORD = 'a quarter of a penny';
const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin' };

let server: TestServer;
let tenantAdmin: string;
let globexAdmin: string;
beforeAll(async () => {
  server = await startTestServer();
  const adminOf = async (tenantId: string) =>
    (
      await server.server.context.tenants.createKey(
        { name: 'administrator', role: 'tenant_admin', tenantId },
        'test',
      )
    ).secret;
  [tenantAdmin, globexAdmin] = [await adminOf('acme'), await adminOf('globex')];
});
afterAll(() => server.stop());

const post = (url: string, body: unknown, options: { key?: string | null; cookie?: string } = {}) =>
  server.send('POST', url, {
    key: options.key === undefined ? null : options.key,
    body,
    headers: options.cookie === undefined ? {} : { cookie: options.cookie, ...SAME_ORIGIN },
  });
const invite = (key: string, body: object) => post('/api/admin/users', body, { key });
const tokenOf = (url: string) => new URL(url).hash.slice(1);

function cookieOf(headers: Record<string, unknown>): string {
  const { value } = parseSetCookie(String(headers['set-cookie']));
  return `farthing_session=${value}`;
}

/** Invites, accepts, and answers id and session. */
async function join(
  key: string,
  body: { email: string; role: string; tenant?: string },
  password = PASSWORD,
) {
  const invited = await invite(key, body);
  expect(invited.status).toBe(201);
  const { user, link } = invited.body.data;
  const accepted = await post('/api/login/link', { token: tokenOf(link.url), password });
  expect(accepted.status).toBe(200);
  return { id: user.id as string, cookie: cookieOf(accepted.headers) };
}

const me = async (cookie: string) => {
  const answer = await server.send('GET', '/trpc/session.me', { key: null, headers: { cookie } });
  return answer.status === 200 ? (answer.body as { result?: { data: unknown } }).result?.data : answer.status;
};
const signIn = (email: string, password: string, tenant?: string) =>
  post('/api/login', { email, password, ...(tenant === undefined ? {} : { tenant }) });

describe('an invitation', () => {
  test('makes an account, whose password the invited chooses, in the tenant of who invites', async () => {
    const { cookie } = await join(tenantAdmin, { email: 'Ada@Example.com', role: 'viewer' });
    expect(await me(cookie)).toMatchObject({ role: 'viewer', tenant: 'acme' });
    const again = await signIn(' ada@example.COM ', PASSWORD);
    expect([again.status, again.body.data]).toEqual([200, { tenant: 'acme' }]);
  });

  test('works once, and not at all when it is invented or another was made after it', async () => {
    const first = await invite(tenantAdmin, { email: 'twice@example.com' });
    const second = await invite(tenantAdmin, { email: 'twice@example.com', role: 'viewer' });
    const accept = (url: string) => post('/api/login/link', { token: tokenOf(url), password: PASSWORD });
    expect((await accept(first.body.data.link.url)).status).toBe(401);
    const both = await Promise.all([1, 2].map(() => accept(second.body.data.link.url)));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 401]);
    expect((await accept('http://x/welcome#invented')).status).toBe(401);
  });

  test('of an address that has an account asks for its password and never sets one', async () => {
    await join(tenantAdmin, { email: 'both@example.com', role: 'member' });
    const invited = await invite(globexAdmin, { email: 'both@example.com', role: 'tenant_admin' });
    const accept = (password: string) =>
      post('/api/login/link', { token: tokenOf(invited.body.data.link.url), password });
    expect((await signIn('both@example.com', PASSWORD, 'globex')).status).toBe(401);
    expect((await accept('what the thief would like')).status).toBe(401);
    expect((await signIn('both@example.com', 'what the thief would like')).status).toBe(401);
    expect((await accept(PASSWORD)).status).toBe(200);
    const entered = await signIn('both@example.com', PASSWORD, 'globex');
    expect(await me(cookieOf(entered.headers))).toMatchObject({ role: 'tenant_admin', tenant: 'globex' });
  });

  test('shows a tenant its own members only, and of them nothing of other tenants', async () => {
    const { body } = await server.send('GET', '/api/admin/users', { key: globexAdmin });
    expect(body.data.users).toEqual([
      {
        id: expect.any(String),
        email: 'both@example.com',
        name: null,
        admin: false,
        created_at: expect.any(String),
        disabled_at: null,
        last_seen_at: expect.any(String),
        memberships: [
          { tenant: 'globex', role: 'tenant_admin', status: 'active', created_at: expect.any(String) },
        ],
      },
    ]);
    expect(JSON.stringify(body)).not.toContain('acme');
  });

  test.each([
    ['an administrator of the instance', { role: 'admin' }, 403],
    ['somebody in another tenant', { tenant: 'globex' }, 403],
    ['somebody in a tenant that is not there', { tenant: 'nobody' }, 403],
    ['who is a member already', { email: 'ada@example.com' }, 409],
    ['what is no address', { email: 'ada' }, 400],
    ['a role that people do not have', { role: 'ingest' }, 400],
  ])('of %s is refused to a tenant’s administrator', async (_who, change, status) => {
    expect((await invite(tenantAdmin, { email: 'new@example.com', ...change })).status).toBe(status);
  });

  test('cannot give what a key’s scopes leave out', async () => {
    const { secret } = await server.server.context.tenants.createKey(
      { name: 'hr', role: 'tenant_admin', tenantId: 'acme', scopes: ['users:manage', 'usage:read'] },
      'test',
    );
    expect((await invite(secret, { email: 'viewer@example.com', role: 'viewer' })).status).toBe(201);
    expect((await invite(secret, { email: 'member@example.com', role: 'member' })).status).toBe(403);
    const users = await server.send('GET', '/api/admin/users', { key: secret });
    const ada = users.body.data.users.find(({ email }: { email: string }) => email === 'both@example.com');
    const change = (body: object) =>
      server.send('PATCH', `/api/admin/users/${ada.id}`, { key: secret, body });
    expect((await change({ role: 'viewer' })).status).toBe(403);
  });
});

describe('signing in', () => {
  test('answers a wrong password, an unknown address and a shut account alike', async () => {
    const { id } = await join(server.adminKey, { email: 'shut@example.com', role: 'viewer', tenant: 'acme' });
    await server.send('PATCH', `/api/admin/users/${id}`, { body: { disabled: true } });
    await join(tenantAdmin, { email: 'open@example.com', role: 'viewer' });
    const answers = await Promise.all([
      signIn('open@example.com', 'not the password'),
      signIn('nobody@example.com', PASSWORD),
      signIn('shut@example.com', PASSWORD),
      signIn('open@example.com', PASSWORD, 'globex'),
    ]);
    const told = answers.map(({ status, body, headers }) => [
      status,
      { ...body.error, request_id: null },
      headers['set-cookie'],
    ]);
    expect(told).toEqual(told.map(() => [401, expect.objectContaining({ code: 'unauthorized' }), undefined]));
    expect(new Set(told.map((one) => JSON.stringify(one))).size).toBe(1);
  });

  test('is slowed down per account, whatever the spelling, and says how long to wait', async () => {
    await join(tenantAdmin, { email: 'guessed@example.com', role: 'viewer' });
    const guesses = await Promise.all(
      Array.from({ length: 12 }, (_, at) =>
        signIn(at % 2 === 0 ? 'guessed@example.com' : 'GUESSED@example.com ', `guess number ${at}`),
      ),
    );
    expect(guesses.map(({ status }) => status).sort()).toEqual([...Array(10).fill(401), 429, 429]);
    const right = await signIn('guessed@example.com', PASSWORD);
    expect([right.status, right.body.error?.code]).toEqual([429, 'rate_limited']);
    expect(Number(right.headers['retry-after'])).toBeGreaterThan(60);
  });

  test('from another site’s page is refused', async () => {
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }]) {
      const answer = await server.send('POST', '/api/login', {
        key: null,
        headers: headers as Record<string, string>,
        body: { email: 'ada@example.com', password: PASSWORD },
      });
      expect(answer.status).toBe(403);
    }
  });

  test('leaves neither password nor hash in log, audit or answers', async () => {
    const text = JSON.stringify((await server.send('GET', '/api/admin/audit?limit=500')).body);
    for (const where of [text, server.lines.join('\n')]) {
      expect(where).not.toContain(PASSWORD);
      expect(where).not.toContain('$scrypt$');
    }
  });
});

describe('a session', () => {
  test('is what its user is now: another role, another tenant, none at all', async () => {
    const { id, cookie } = await join(tenantAdmin, { email: 'moves@example.com', role: 'viewer' });
    const change = (body: object) =>
      server.send('PATCH', `/api/admin/users/${id}`, { key: tenantAdmin, body });
    await change({ role: 'member' });
    expect(await me(cookie)).toMatchObject({ role: 'member' });
    expect((await post('/api/session/tenant', { tenant: 'globex' }, { cookie })).status).toBe(404);
    await change({ disabled: true });
    expect(await me(cookie)).toBe(401);
    await change({ disabled: false });
    expect(await me(cookie)).toBe(401);
    expect((await signIn('moves@example.com', PASSWORD)).status).toBe(200);
  });

  test('moves to another tenant of its user by a new session, the old one ends', async () => {
    const entered = await signIn('both@example.com', PASSWORD, 'acme');
    const cookie = cookieOf(entered.headers);
    const moved = await post('/api/session/tenant', { tenant: 'globex' }, { cookie });
    expect([moved.status, moved.body.data]).toEqual([200, { tenant: 'globex' }]);
    expect(await me(cookieOf(moved.headers))).toMatchObject({ tenant: 'globex', role: 'tenant_admin' });
    expect(await me(cookie)).toBe(401);
  });

  test('ends with every other one when the password changes; the one that changed it stays', async () => {
    const { cookie } = await join(tenantAdmin, { email: 'changes@example.com', role: 'viewer' });
    const other = cookieOf((await signIn('changes@example.com', PASSWORD)).headers);
    const change = (current: string, next: string) =>
      post('/api/session/password', { current, next }, { cookie });
    expect((await change('wrong', 'another long password')).status).toBe(400);
    expect((await change(PASSWORD, 'short')).status).toBe(400);
    const changed = await change(PASSWORD, 'another long password');
    expect([changed.status, changed.body.data]).toEqual([200, { ended: 1 }]);
    expect(await me(other)).toBe(401);
    expect(await me(cookie)).toMatchObject({ role: 'viewer' });
    expect((await signIn('changes@example.com', PASSWORD)).status).toBe(401);
  });

  test('is listed and ended by its user and by an administrator, not by others', async () => {
    const { cookie } = await join(tenantAdmin, { email: 'two@example.com', role: 'viewer' });
    const second = cookieOf((await signIn('two@example.com', PASSWORD)).headers);
    const list = async (headers: Record<string, string>) =>
      (await server.send('GET', '/api/sessions', { key: null, headers })).body.data.sessions;
    const mine = await list({ cookie });
    expect(mine).toHaveLength(2);
    const other = mine.find(({ current }: { current: boolean }) => !current);
    const end = (url: string, headers: Record<string, string>, key: string | null = null) =>
      server.send('DELETE', url, { key, headers: { ...headers, ...SAME_ORIGIN } });
    const { cookie: stranger } = await join(tenantAdmin, { email: 'stranger@example.com', role: 'member' });
    expect((await end(`/api/sessions/${other.id}`, { cookie: stranger })).status).toBe(404);
    expect((await end(`/api/sessions/${other.id}`, { cookie })).status).toBe(200);
    expect(await me(second)).toBe(401);
    const [left] = await list({ cookie });
    expect((await end(`/api/admin/sessions/${left.id}`, {}, globexAdmin)).status).toBe(404);
    expect((await end(`/api/admin/sessions/${left.id}`, {}, tenantAdmin)).status).toBe(200);
    expect(await me(cookie)).toBe(401);
  });

  test('of a member may record where the role allows it and the request is the dashboard’s own', async () => {
    const { cookie } = await join(tenantAdmin, { email: 'records@example.com', role: 'member' });
    const viewer = cookieOf((await signIn('open@example.com', PASSWORD)).headers);
    const event = {
      id: 'by session',
      provider: 'openai',
      model: 'gpt-4o',
      usage: { prompt_tokens: 1, completion_tokens: 1 },
    };
    expect((await post('/api/usage/events', event, { cookie })).status).toBe(200);
    expect((await post('/api/usage/events', event, { cookie: viewer })).status).toBe(403);
    const crossSite = await server.send('POST', '/api/usage/events', {
      key: null,
      headers: { cookie, 'sec-fetch-site': 'cross-site' },
      body: event,
    });
    expect(crossSite.status).toBe(401);
    const stored = await server.send('GET', '/api/usage/events/by%20session', { key: tenantAdmin });
    expect(stored.body.data).toMatchObject({ tenant: 'acme' });
  });
});

describe('an administrator', () => {
  test('invites another, gives who forgot a link for a new password, and removes an account', async () => {
    const { id, cookie } = await join(server.adminKey, { email: 'root@example.com', role: 'admin' });
    expect(await me(cookie)).toMatchObject({ role: 'admin', tenant: null });
    expect((await post(`/api/admin/users/${id}/link`, {}, { key: tenantAdmin })).status).toBe(404);
    const link = await post(`/api/admin/users/${id}/link`, {}, { key: server.adminKey });
    expect(link.body.data.kind).toBe('reset');
    const reset = await post('/api/login/link', {
      token: tokenOf(link.body.data.url),
      password: 'a new one after all',
    });
    expect(reset.status).toBe(200);
    expect(await me(cookie)).toBe(401);
    expect(await me(cookieOf(reset.headers))).toMatchObject({ role: 'admin' });
    expect((await server.send('DELETE', `/api/admin/users/${id}`)).status).toBe(200);
    expect(await me(cookieOf(reset.headers))).toBe(401);
    expect((await signIn('root@example.com', 'a new one after all')).status).toBe(401);
  });

  test('of a tenant cannot set the password of an account that is in use', async () => {
    const users = await server.send('GET', '/api/admin/users', { key: tenantAdmin });
    const ada = users.body.data.users.find(({ email }: { email: string }) => email === 'ada@example.com');
    expect((await post(`/api/admin/users/${ada.id}/link`, {}, { key: tenantAdmin })).status).toBe(409);
  });
});
