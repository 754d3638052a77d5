/** Keys: what they may do, what they fix, how they are given a new secret, and who may make which. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
let tenantAdmin: string;
beforeAll(async () => {
  server = await startTestServer();
  const made = await server.server.context.tenants.createKey(
    { name: 'administrator', role: 'tenant_admin', tenantId: 'acme' },
    'test',
  );
  tenantAdmin = made.secret;
});
afterAll(() => server.stop());

const create = (body: object, key = tenantAdmin) => server.send('POST', '/api/admin/keys', { key, body });
let events = 0;
const record = (key: string, attribution: object = {}) => {
  events += 1;
  const usage = { prompt_tokens: 1, completion_tokens: 1 };
  const body = { id: `event-${events}`, provider: 'openai', model: 'gpt-4o', usage, ...attribution };
  return server.send('POST', '/api/usage/events', { key, body });
};
const read = async () =>
  (await server.send('GET', `/api/usage/events/event-${events}`, { key: tenantAdmin })).body.data;

describe('a key', () => {
  test.each([
    ['may read and not write', ['usage:read'], 200, 403],
    ['may write and not read', ['events:write'], 403, 200],
    ['may do both', ['events:write', 'usage:read'], 200, 200],
  ])('with scopes %s', async (_what, scopes, reads, writes) => {
    const { body } = await create({ name: 'scoped', scopes });
    expect(body.data).toMatchObject({ role: 'member', scopes });
    expect((await server.send('GET', '/api/cost/dashboard', { key: body.data.key })).status).toBe(reads);
    expect((await record(body.data.key)).status).toBe(writes);
  });

  test('fixes attribution: it holds where the caller says nothing, and nobody can say something else', async () => {
    const bound = {
      project: 'shop',
      environment: 'production',
      agent: 'checkout',
      user: 'robot',
      tags: { team: 'basket', cost: '7' },
    };
    const { body } = await create({ name: 'bound', role: 'ingest', ...bound });
    const { key } = body.data;
    expect(body.data).toMatchObject(bound);
    expect((await record(key, { workflow: 'w', tags: { own: 'yes', team: 'basket' } })).status).toBe(200);
    expect(await read()).toMatchObject({ ...bound, tags: { ...bound.tags, own: 'yes' } });
    for (const other of [
      { project: 'x' },
      { environment: 'x' },
      { agent: 'x' },
      { user: 'x' },
      { tags: { team: 'x' } },
    ]) {
      const refused = await record(key, other);
      expect([other, refused.status, refused.body.error?.code]).toEqual([other, 400, 'invalid_event']);
    }
  });

  test('that is bound makes only keys that are bound to the same', async () => {
    const { body } = await create({ name: 'bound admin', role: 'tenant_admin', project: 'shop' });
    const { key } = body.data;
    expect((await create({ name: 'free', role: 'ingest' }, key)).body.data.project).toBe('shop');
    expect((await create({ name: 'other', role: 'ingest', project: 'till' }, key)).status).toBe(403);
    const free = await create({ name: 'free', role: 'ingest' });
    const rotated = await server.send('POST', `/api/admin/keys/${free.body.data.id}/rotate`, {
      key,
      body: {},
    });
    expect(rotated.status).toBe(403);
  });
});

describe('a bound key has no way out of its binding', () => {
  let bound: string;
  beforeAll(async () => {
    bound = (await create({ name: 'bound admin', role: 'tenant_admin', agent: 'crawler' })).body.data.key;
  });

  test.each([
    ['POST', '/api/admin/users', { email: 'way-out@example.com', role: 'tenant_admin' }],
    ['GET', '/api/admin/users', undefined],
    ['GET', '/api/admin/sessions', undefined],
    ['POST', '/api/admin/projects', { id: 'elsewhere' }],
    ['PUT', '/api/admin/tenants/acme/retention', { days: 30, dry_run: false }],
    ['POST', '/api/admin/erasure', { user: 'somebody', dry_run: false }],
    ['GET', '/api/admin/audit', undefined],
    ['POST', '/api/admin/agents/another/pause', {}],
  ] as const)('%s %s is refused', async (method, url, body) => {
    const answer = await server.send(method, url, { key: bound, ...(body === undefined ? {} : { body }) });
    expect(answer.body.error).toMatchObject({ code: 'forbidden', message: expect.stringMatching(/bound/) });
  });

  test('with scopes that would lead out it is not made', async () => {
    const answer = await create({ name: 'x', role: 'tenant_admin', agent: 'a', scopes: ['users:manage'] });
    expect(answer.body.error).toMatchObject({
      code: 'invalid_body',
      message: expect.stringMatching(/bound/),
    });
  });

  test('it makes, rotates and revokes keys that are bound as it is, and no other', async () => {
    const own = await create({ name: 'own', role: 'tenant_admin' }, bound);
    expect(own.body.data).toMatchObject({ agent: 'crawler' });
    const free = await create({ name: 'free', role: 'ingest' });
    for (const [id, status] of [
      [own.body.data.id, 200],
      [free.body.data.id, 403],
    ] as const) {
      const rotated = await server.send('POST', `/api/admin/keys/${id}/rotate`, { key: bound, body: {} });
      const revoked = await server.send('DELETE', `/api/admin/keys/${id}`, { key: bound });
      expect([rotated.status, revoked.status]).toEqual([status, status]);
    }
  });
});

test('a key that ends makes and rotates none that ends later', async () => {
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  const later = new Date(Date.now() + 7_200_000).toISOString();
  const { key } = (await create({ name: 'ends', role: 'tenant_admin', expires_at: soon })).body.data;
  const made = await create({ name: 'heir', role: 'ingest' }, key);
  expect(made.body.data.expires_at).toBe(soon);
  expect((await create({ name: 'longer', role: 'ingest', expires_at: later }, key)).status).toBe(403);
  const { id } = (await create({ name: 'for ever', role: 'ingest' })).body.data;
  const rotated = await server.send('POST', `/api/admin/keys/${id}/rotate`, { key, body: {} });
  expect(rotated.status).toBe(403);
});

describe('a rotated key', () => {
  test('has two secrets until the overlap is over, then one; the one before the last never', async () => {
    const { body } = await create({ name: 'rotates' });
    const { id, key: first } = body.data;
    const rotate = async (overlap_seconds: number) =>
      (
        await server.send('POST', `/api/admin/keys/${id}/rotate`, {
          key: tenantAdmin,
          body: { overlap_seconds },
        })
      ).body.data;
    const status = async (key: string) => (await record(key)).status;
    expect(await status(first)).toBe(200);
    const { key: second, overlap_until: until } = await rotate(600);
    expect(Date.parse(until)).toBeGreaterThan(Date.now() + 500_000);
    expect([await status(first), await status(second)]).toEqual([200, 200]);
    const { key: third } = await rotate(600);
    expect([await status(first), await status(second), await status(third)]).toEqual([401, 200, 200]);
    await server.server.context.db.asOperator((tx) =>
      tx.query(`update api_keys set previous_until = now() - interval '1 second' where id = $1`, [id]),
    );
    server.server.context.authenticator.recheck(id);
    expect([await status(second), await status(third)]).toEqual([401, 200]);
    const { key: fourth } = await rotate(0);
    expect([await status(third), await status(fourth)]).toEqual([401, 200]);
    expect((await server.send('DELETE', `/api/admin/keys/${id}`, { key: tenantAdmin })).status).toBe(200);
    expect(await status(fourth)).toBe(401);
    const over = await server.send('POST', `/api/admin/keys/${id}/rotate`, { key: tenantAdmin, body: {} });
    expect([over.status, over.body.error?.code]).toEqual([409, 'conflict']);
  });

  test('is not the one that the environment gives', async () => {
    const { body } = await server.send('GET', '/api/admin/keys');
    const given = body.data.keys.find(({ name }: { name: string }) => name === 'FARTHING_ADMIN_KEY');
    expect((await server.send('POST', `/api/admin/keys/${given.id}/rotate`, { body: {} })).status).toBe(409);
  });
});

describe('a tenant’s administrator', () => {
  test('sees the keys of the own tenant alone', async () => {
    const { body } = await server.send('GET', '/api/admin/keys', { key: tenantAdmin });
    expect(new Set(body.data.keys.map(({ tenant }: { tenant: string }) => tenant))).toEqual(
      new Set(['acme']),
    );
    const all = (await server.send('GET', '/api/admin/keys')).body.data.keys;
    for (const { id, tenant } of all.filter((one: { tenant: string }) => one.tenant !== 'acme')) {
      const gone = await server.send('DELETE', `/api/admin/keys/${id}`, { key: tenantAdmin });
      expect([tenant, gone.status]).toEqual([tenant, 404]);
    }
  });

  test.each([
    ['an admin key', { role: 'admin' }, 403],
    ['an admin key that only reads', { role: 'admin', scopes: ['usage:read'] }, 403],
    ['a key of another tenant', { tenant: 'globex' }, 403],
    ['a key of no tenant', { tenant: 'nobody' }, 403],
    ['a scope beyond the role', { role: 'viewer', scopes: ['events:write'] }, 400],
    ['a scope that is none', { scopes: ['everything'] }, 400],
    ['no scope at all', { scopes: [] }, 400],
    ['a key that is over', { expires_at: '2020-01-01T00:00:00Z' }, 400],
    ['another administrator of the tenant', { role: 'tenant_admin' }, 201],
  ])('asking for %s', async (_what, change, status) => {
    expect((await create({ name: 'asked for', ...change })).status).toBe(status);
  });

  test('with scopes makes no key that may do more, and rotates none', async () => {
    const { body } = await create({
      name: 'maker',
      role: 'tenant_admin',
      scopes: ['keys:manage', 'events:write'],
    });
    const { key } = body.data;
    expect((await create({ name: 'worker', role: 'ingest' }, key)).status).toBe(201);
    expect((await create({ name: 'more', role: 'member' }, key)).status).toBe(403);
    expect((await create({ name: 'more', role: 'tenant_admin' }, key)).status).toBe(403);
    const more = await create({ name: 'a reader', role: 'viewer' });
    const rotate = await server.send('POST', `/api/admin/keys/${more.body.data.id}/rotate`, {
      key,
      body: {},
    });
    expect(rotate.status).toBe(403);
  });

  test('names the tenant, moves its days, and sees its own audit log alone', async () => {
    const patch = (id: string, body: object) =>
      server.send('PATCH', `/api/admin/tenants/${id}`, { key: tenantAdmin, body });
    const changed = await patch('acme', { name: 'Acme & Sons', time_zone: 'Asia/Kathmandu' });
    expect(changed.body.data).toMatchObject({ name: 'Acme & Sons', time_zone: 'Asia/Kathmandu' });
    const { body } = await server.send('GET', '/api/admin/tenants', { key: tenantAdmin });
    expect(body.data.tenants).toEqual([changed.body.data]);
    expect((await patch('acme', { time_zone: 'Mars/Base' })).status).toBe(400);
    expect((await patch('globex', { name: 'x' })).status).toBe(404);

    await server.send('PATCH', '/api/admin/tenants/globex', { body: { name: 'Globex!' } });
    const log = async (query: string, key = tenantAdmin) =>
      (await server.send('GET', `/api/admin/audit${query}`, { key })).body.data;
    const own = await log('?limit=500');
    expect(new Set(own.entries.map(({ tenant }: { tenant: string }) => tenant))).toEqual(new Set(['acme']));
    const [first, second] = [await log('?limit=1&action=key'), await log('?limit=2&action=key')];
    const next = await log(`?limit=1&action=key&cursor=${first.next_cursor}`);
    expect([first.entries[0], next.entries[0]]).toEqual(second.entries);
    const everything = await log('?limit=500', server.adminKey);
    expect(everything.entries.length).toBeGreaterThan(own.entries.length);
  });
});
