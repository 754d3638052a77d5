/** A thing of another tenant gets exactly the answer of one that does not exist, on every route and procedure with an id. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALL_ROUTES } from '../../packages/server/src/api/all-routes.ts';
import type { Endpoint } from '../../packages/server/src/api/endpoint.ts';
import { addressOf } from '../openapi/ask.ts';
import { PREPARE, type Prepared } from '../openapi/prepare.ts';
import { startWorld, type World } from '../openapi/world.ts';

let world: World;
/** Keys of the other tenant that may do all there is in it, and read only. */
let strangers: readonly string[];
beforeAll(async () => {
  world = await startWorld();
  const { tenants } = world.test.server.context;
  strangers = await Promise.all(
    (['tenant_admin', 'viewer'] as const).map(
      async (role) =>
        (await tenants.createKey({ name: 'stranger', role, tenantId: 'globex' }, 'test')).secret,
    ),
  );
});
afterAll(() => world.stop());

type Params = Readonly<Record<string, string>>;

interface Asked {
  readonly status: number;
  /** Without the request's own id, and with the thing's id as `<id>`. */
  readonly body: string;
}

const ROUTES = Object.entries(ALL_ROUTES).filter(([key]) => key.includes('/:'));

/** Another value of the same form that belongs to no tenant. */
function nobodys(value: string): string {
  if (/^[0-9a-f-]{36}$/.test(value)) return '01930000-dead-7000-8000-00000000beef';
  if (/^\d+$/.test(value)) return '999999999';
  return ['card', 'alias', 'override'].includes(value) ? value : 'no-such-thing';
}

const form = (text: string, ids: readonly string[]): string =>
  ids
    .reduce((said, id) => said.replaceAll(id, '<id>').replaceAll(encodeURIComponent(id), '<id>'), text)
    .replace(/"(request_id|requestId)":"[^"]*"/, '"$1":""');

async function send(
  key: string,
  endpoint: Endpoint,
  {
    params,
    headers,
    body: prepared,
  }: { params: Params; headers: Record<string, string>; body: Prepared['body'] },
): Promise<Asked> {
  const [method = '', url = ''] = key.split(' ', 2);
  const example = { ...endpoint.examples[0], name: '', params };
  const given = example.body === undefined ? prepared : { ...example.body, ...prepared };
  // The example may name its tenant; a caller of another tenant names their own.
  const body =
    given === undefined ? undefined : { ...given, ...('tenant' in given ? { tenant: undefined } : {}) };
  const query = { ...(example.query ?? {}), tenant: undefined };
  const { tenant: _, ...asked } = query;
  const answer = await fetch(world.url + addressOf(url, { ...example, query: asked }), {
    method,
    redirect: 'manual',
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: form(await answer.text(), Object.values(params)) };
}

describe('a stranger', () => {
  test.each(ROUTES)('cannot tell by %s whether a thing of another tenant exists', async (key, endpoint) => {
    const prepared: Prepared = (await PREPARE[key]?.(world)) ?? {};
    const real: Params = { ...(endpoint.examples[0]?.params as Params | undefined), ...prepared.params };
    const missing: Params = Object.fromEntries(
      Object.entries(real).map(([name, value]) => [name, nobodys(value)]),
    );
    expect(missing).not.toEqual(real);
    for (const stranger of strangers) {
      const headers = { authorization: `Bearer ${stranger}` };
      const ask = (params: Params) => send(key, endpoint, { params, headers, body: prepared.body });
      const [foreign, none] = [await ask(real), await ask(missing)];
      expect(foreign).toEqual(none);
      expect([401, 403, 404]).toContain(foreign.status);
    }
    // It was there all the time, and nothing happened to it.
    const owner = { ...prepared.headers };
    if (owner['cookie'] === undefined)
      owner['authorization'] = `Bearer ${world.keyFor(endpoint.access as never)}`;
    const own = await send(key, endpoint, { params: real, headers: owner, body: prepared.body });
    expect([own.status, own.status < 300 ? '' : own.body]).toEqual([own.status, '']);
  });

  const EVENT = { id: 'call-1' };
  test.each<[string, object, object]>([
    ['events.get', EVENT, { id: 'no-such-thing' }],
    ['events.list', { tenant: 'acme' }, { tenant: 'no-such-thing' }],
    ['overview.cards', { tenant: 'acme' }, { tenant: 'no-such-thing' }],
  ])('cannot tell by %s either', async (procedure, real, missing) => {
    const ask = async (input: object): Promise<Asked> => {
      const json = JSON.stringify(input);
      const url = `${world.url}/trpc/${procedure}?input=${encodeURIComponent(json)}`;
      const answer = await fetch(url, { headers: { authorization: `Bearer ${strangers[0]}` } });
      return { status: answer.status, body: form(await answer.text(), Object.values(input)) };
    };
    const [foreign, none] = [await ask(real), await ask(missing)];
    expect(foreign).toEqual(none);
    expect([403, 404]).toContain(foreign.status);
  });

  test.each([
    ['/api/v2/costs?workflow_id=', 'wf-1', 403],
    ['/api/cost/dashboard?tenant=', 'acme', 403],
    ['/api/cost/agents?tenant=', 'acme', 403],
    ['/api/ops/alerts?tenant=', 'acme', 403],
    ['/api/ops/alerts/thresholds?tenant=', 'acme', 403],
    ['/api/usage/events?tenant=', 'acme', 403],
    ['/api/admin/keys?tenant=', 'acme', 403],
    ['/api/admin/users?tenant=', 'acme', 403],
    ['/api/admin/audit?tenant=', 'acme', 403],
    ['/api/usage/events?workflow=', 'wf-1', 200],
    ['/api/usage/events?agent=', 'crawler', 200],
    ['/api/cost/summary?agent=', 'crawler', 200],
  ])('gets from %s the same for what another tenant has and what nobody has', async (url, real, status) => {
    const ask = async (value: string) => {
      const answer = await world.test.send('GET', `${url}${value}`, { key: strangers[0] ?? '' });
      return { status: answer.status, body: form(JSON.stringify(answer.body), [value]) };
    };
    const foreign = await ask(real);
    expect(foreign).toEqual(await ask('no-such-thing'));
    expect(foreign.status).toBe(status);
  });
});
