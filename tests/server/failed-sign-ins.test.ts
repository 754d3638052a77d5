/** A failed sign-in is recorded for administrators, and its answer reveals nothing. */
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { startTestServer, type TestServer } from './test-server.ts';

// Checking a password is meant to take its time.
vi.setConfig({ testTimeout: 120_000 });

const PASSWORD = 'a quarter of a penny';

let server: TestServer;
let tenantAdmin: string;
beforeAll(async () => {
  server = await startTestServer({ FARTHING_TRUSTED_PROXIES: '127.0.0.1' });
  const { context } = server.server;
  const made = await context.tenants.createKey(
    { name: 'administrator', role: 'tenant_admin', tenantId: 'acme' },
    'test',
  );
  tenantAdmin = made.secret;
  for (const [email, tenantId] of [
    ['ada@example.com', 'acme'],
    ['gus@example.com', 'globex'],
    ['shut@example.com', 'acme'],
  ] as const) {
    await context.users.invite({ email, name: undefined, as: { role: 'viewer', tenantId } }, 'test');
    await context.signIn.setPassword(email, PASSWORD, 'test');
  }
  const users = await server.send('GET', '/api/admin/users');
  const { id } = users.body.data.users.find(({ email }: { email: string }) => email === 'shut@example.com');
  await server.send('PATCH', `/api/admin/users/${id}`, { body: { disabled: true } });
});
afterAll(() => server.stop());

let client = 0;
/** Another client each time: what one row counts together is one client's. */
beforeEach(() => {
  client += 1;
});
const from = () => `203.0.113.${client}`;
const send = (url: string, body: unknown) =>
  server.send('POST', url, { key: null, body, headers: { 'x-forwarded-for': from() } });
const signIn = (body: object) => send('/api/login', body);

async function refusals(key: string = server.adminKey) {
  await server.server.context.failedSignIns.flush();
  const answer = await server.send('GET', '/api/admin/audit?action=session.refuse', { key });
  expect(answer.status).toBe(200);
  return (
    answer.body.data.entries as { tenant: string | null; actor: string; details: { address: string } }[]
  )
    .filter(({ details }) => details.address === from())
    .map(({ tenant, actor, details }) => ({ tenant, actor, ...details }));
}

test('a wrong password is in the audit log of the user’s tenant: with his address, never with a password', async () => {
  expect((await signIn({ email: ' Ada@example.COM', password: 'wrong-canary-1' })).status).toBe(401);
  const row = {
    tenant: 'acme',
    actor: 'anonymous',
    reason: 'password',
    email: 'ada@example.com',
    attempts: 1,
  };
  expect(await refusals()).toMatchObject([row]);
  expect(await refusals(tenantAdmin)).toMatchObject([row]);
  expect(JSON.stringify(await refusals())).not.toContain('canary');
});

test('an address that nobody has is not kept, and is told to no tenant', async () => {
  await signIn({ email: 'typed-canary@example.com', password: PASSWORD });
  expect(await refusals()).toMatchObject([{ tenant: null, email: 'unknown', user_id: null }]);
  expect(await refusals(tenantAdmin)).toEqual([]);
  const { rows } = await server.server.context.db.asOperator((tx) =>
    tx.query<{ n: string }>("select count(*) as n from audit_log a where a::text like '%canary%'"),
  );
  expect([rows[0]?.n, server.lines.filter((line) => line.includes('canary'))]).toEqual(['0', []]);
});

test('a shut account and a tenant that is not one’s own are told with the reason, which the answer keeps to itself', async () => {
  const answers = [
    await signIn({ email: 'shut@example.com', password: PASSWORD }),
    await signIn({ email: 'gus@example.com', password: PASSWORD, tenant: 'acme' }),
    await signIn({ email: 'gus@example.com', password: 'wrong' }),
    await signIn({ email: 'nobody@example.com', password: 'wrong' }),
  ].map(({ status, body }) => [status, body.error?.code, body.error?.message]);
  expect(new Set(answers.map((one) => JSON.stringify(one))).size).toBe(1);
  expect((await refusals()).toReversed()).toMatchObject([
    { reason: 'shut', email: 'shut@example.com' },
    { reason: 'no_tenant', email: 'gus@example.com', tenant: null },
    { reason: 'password', email: 'gus@example.com', tenant: 'globex' },
    { reason: 'password', email: 'unknown', tenant: null },
  ]);
  expect(await refusals(tenantAdmin)).not.toContainEqual(
    expect.objectContaining({ email: 'gus@example.com' }),
  );
});

test('a one-time link and an invitation that are no good are told, without their token', async () => {
  const token = 'canary'.repeat(7);
  await server.server.app.inject({ url: `/login?token=${token}`, headers: { 'x-forwarded-for': from() } });
  await send('/api/login/link', { token, password: PASSWORD });
  await server.server.context.failedSignIns.flush('all');
  const rows = await refusals();
  expect(rows.map(({ reason, attempts }: Record<string, unknown>) => [reason, attempts])).toEqual([
    ['link', 1],
    ['link', 1],
  ]);
  expect(JSON.stringify(rows)).not.toContain('canary');
});

test('a page that only looks at the address, and the address without a link, are no attempts', async () => {
  const headers = { 'x-forwarded-for': from() };
  await server.server.app.inject({ method: 'HEAD', url: `/login?token=${'A'.repeat(43)}`, headers });
  await server.server.app.inject({ url: '/login', headers });
  expect(await refusals()).toEqual([]);
});

test('clients behind a proxy are counted apart: one that has too many attempts leaves the others theirs', async () => {
  const guess = (address: string) =>
    server.send('POST', '/api/login/link', {
      key: null,
      body: { token: 'A'.repeat(43), password: PASSWORD },
      headers: { 'x-forwarded-for': address },
    });
  const statuses = await Promise.all(Array.from({ length: 105 }, () => guess('198.51.100.1')));
  expect(statuses.filter(({ status }) => status === 401)).toHaveLength(100);
  expect(statuses.filter(({ status }) => status === 429)).toHaveLength(5);
  expect((await guess('198.51.100.2')).status).toBe(401);
  await server.server.context.failedSignIns.flush('all');
  const { body } = await server.send('GET', '/api/admin/audit?action=session.refuse&limit=500');
  const counts = body.data.entries
    .filter(({ details }: { details: { address: string } }) => details.address === '198.51.100.1')
    .map(({ details }: { details: { reason: string; attempts: number } }) => [
      details.reason,
      details.attempts,
    ]);
  expect(counts.toSorted()).toEqual([
    ['link', 1],
    ['link', 99],
    ['too_many', 1],
    ['too_many', 4],
  ]);
});
