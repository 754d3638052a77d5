import { ROLE_PERMISSIONS } from '@farthing/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../../../tests/server/test-server.ts';
import { makeKey } from '../tenants/keys/api-key.ts';
import { ROUTES } from './routes.ts';

let test: TestServer;
beforeAll(async () => {
  test = await startTestServer();
});
afterAll(() => test.stop());

/** Streams stay open: they have tests of their own over a real socket. */
const ENTRIES = Object.entries(ROUTES).filter(([, { duration }]) => duration !== 'long');
const MEMBER = new Set<string>(ROLE_PERMISSIONS.member);
const call = (key: string, bearer: string | null) => {
  const [method, url] = key.split(' ') as ['GET' | 'POST' | 'DELETE', string];
  return test.send(method, url.replace(/:\w+/g, '00000000-0000-7000-8000-000000000000'), {
    key: bearer,
    ...(method === 'POST' ? { body: {} } : {}),
  });
};

describe('every route denies by default', () => {
  it.each(Object.entries(ROUTES))('%s asks for a key unless it is public', async (key, { access }) => {
    for (const bearer of [null, '', 'wrong', makeKey(), 'x'.repeat(10_000)]) {
      const { status, body, headers } = await call(key, bearer);
      if (access === 'public') expect([401, 403, 500, 503]).not.toContain(status);
      else {
        expect([status, body.error?.code]).toEqual([401, 'unauthorized']);
        expect(headers['www-authenticate']).toContain('Bearer');
      }
    }
  });

  it.each(ENTRIES)('%s lets a tenant’s key in only where it may be', async (key, { access }) => {
    const { status, body } = await call(key, test.acmeKey);
    if (access !== 'public' && !MEMBER.has(access))
      expect([status, body.error?.code]).toEqual([403, 'forbidden']);
    else expect([401, 403, 500, 503]).not.toContain(status);
  });

  it.each(ENTRIES)('%s lets an admin key in', async (key) => {
    const { status } = await call(key, test.adminKey);
    expect([401, 403, 500, 503]).not.toContain(status);
  });

  it('refuses a revoked key at once', async () => {
    const made = await test.send('POST', '/api/admin/keys', { body: { name: 'short', tenant: 'acme' } });
    const { id, key } = made.body.data as { id: string; key: string };
    expect((await test.send('POST', '/api/usage/events', { key, body: [] })).status).toBe(200);
    expect((await test.send('DELETE', `/api/admin/keys/${id}`)).status).toBe(200);
    expect((await test.send('POST', '/api/usage/events', { key, body: [] })).status).toBe(401);
  });

  it('tells an unknown path only to who has a key', async () => {
    expect((await test.send('GET', '/api/nowhere', { key: null })).status).toBe(401);
    const known = await test.send('GET', '/api/nowhere?secret=1');
    expect([known.status, known.body.error?.message]).toEqual([404, 'There is no GET /api/nowhere.']);
  });

  it('refuses to register a route that does not say who may call it', async () => {
    const { createHttpServer } = await import('../http/server.ts');
    const { log } = test.server.context;
    const app = createHttpServer({
      log,
      identify: async () => null,
      requestTimeoutMs: 1_000,
      maxConnections: 1,
      isDraining: () => false,
    });
    expect(() => app.get('/open', () => 'open')).toThrow('does not say who may call it');
  });
});

describe('requests', () => {
  it('keep a sane id of the caller and get one where theirs is not', async () => {
    const sane = await test.send('GET', '/healthz', { headers: { 'x-request-id': 'trace-1.a:b' } });
    expect(sane.headers['x-request-id']).toBe('trace-1.a:b');
    const odd = await test.send('GET', '/healthz', { headers: { 'x-request-id': 'a b<script>' } });
    expect(odd.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each<[string, string, Record<string, string>, number, string]>([
    ['broken JSON', '{', {}, 400, 'invalid_json'],
    ['a polluting key', '{"__proto__":{"a":1}}', {}, 400, 'invalid_json'],
    ['endless nesting', '['.repeat(100_000), {}, 400, 'invalid_json'],
    ['a large body', `"${'x'.repeat(2_000_000)}"`, {}, 413, 'body_too_large'],
    ['another content type', '<a/>', { 'content-type': 'text/xml' }, 415, 'unsupported_media_type'],
    [
      'a content type that is none',
      '{}',
      { 'content-type': 'application/json garbage' },
      415,
      'unsupported_media_type',
    ],
    ['an encoding', '{}', { 'content-encoding': 'gzip' }, 415, 'unsupported_media_type'],
    ['a wrong type', '{"name":7}', {}, 400, 'invalid_body'],
    ['an unknown field', '{"name":"a","rolle":"admin"}', {}, 400, 'invalid_body'],
    ['a tenant that does not exist', '{"name":"a","tenant":"nobody"}', {}, 400, 'unknown_tenant'],
    ['an admin key with a tenant', '{"name":"a","role":"admin","tenant":"acme"}', {}, 400, 'invalid_body'],
  ])('with %s get a clear 4xx', async (_name, body, headers, status, code) => {
    const answer = await test.send('POST', '/api/admin/keys', { body, headers });
    expect([answer.status, answer.body.error?.code]).toEqual([status, code]);
  });

  it('never list a key’s secret or hash', async () => {
    const { body } = await test.send('GET', '/api/admin/keys?tenant=acme');
    expect(body.data.keys[0]).toMatchObject({ tenant: 'acme', role: 'member' });
    expect(Object.keys(body.data.keys[0])).not.toContain('hash');
    expect(JSON.stringify(body)).not.toContain(test.acmeKey);
  });

  it('make a tenant once', async () => {
    const body = { id: 'initech', time_zone: 'Asia/Kathmandu' };
    expect((await test.send('POST', '/api/admin/tenants', { body })).status).toBe(201);
    expect((await test.send('POST', '/api/admin/tenants', { body })).status).toBe(409);
    const { rows } = await test.server.context.db.asOperator((tx) =>
      tx.query(`select actor from audit_log where action = 'tenant.create' and tenant_id = 'initech'`),
    );
    expect(rows).toEqual([{ actor: expect.stringMatching(/^key:/) }]);
  });
});
