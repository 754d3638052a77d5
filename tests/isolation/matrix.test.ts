/** Every route and procedure × everybody who might knock: only the written list of permissions lets anybody in. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Example } from '../../packages/server/src/api/endpoint.ts';
import { ROUTES } from '../../packages/server/src/api/routes.ts';
import { type RegisteredRoute, registeredRoutes } from '../../packages/server/src/http/server.ts';
import { appRouter } from '../../packages/server/src/trpc/router.ts';
import { startTestServer, type TestServer } from '../server/test-server.ts';
import { everybody, type Knocking } from './identities.ts';
import { type Needed, neededFor, PROCEDURE_PERMISSIONS, ROUTE_PERMISSIONS } from './permissions.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 120_000 });

let server: TestServer;
let routes: readonly RegisteredRoute[];
let people: readonly Knocking[];
beforeAll(async () => {
  // Nothing listens there: a call that the gateway lets through ends in its own 502.
  const nowhere = 'http://127.0.0.1:9';
  server = await startTestServer({
    FARTHING_OPENAI_BASE_URL: nowhere,
    FARTHING_ANTHROPIC_BASE_URL: nowhere,
  });
  routes = registeredRoutes(server.server.app);
  people = await everybody(server);
});
afterAll(() => server.stop());

/** Names of the procedures of tRPC. Where routers nest, its types show no more than their nesting. */
const PROCEDURES = Object.keys(appRouter._def.procedures);

/** A request that would be answered if its sender were let in. */
interface Request {
  readonly method: string;
  readonly url: string;
  readonly body: unknown;
}

function requestFor({ method, url }: { readonly method: string; readonly url: string }): Request {
  const name = `${method === 'HEAD' ? 'GET' : method} ${url}`;
  const endpoint = Object.entries(ROUTES).find(([key]) => key === name)?.[1];
  const example: Example = endpoint?.examples[0] ?? { name: 'none' };
  const params = new Map(Object.entries(example.params ?? {}));
  const path = url
    .replace(/:(\w+)/g, (_all, param: string) =>
      encodeURIComponent(String(params.get(param) ?? 'session.me')),
    )
    .replace('*', 'v1/models');
  const query = new URLSearchParams();
  for (const [param, value] of Object.entries(example.query ?? {}))
    for (const one of [value].flat()) query.append(param, String(one));
  const body =
    example.body ??
    example.bytes ??
    (method === 'GET' || method === 'HEAD' || method === 'DELETE' ? undefined : {});
  return { method, url: query.size === 0 ? path : `${path}?${query}`, body };
}

interface Answer {
  readonly status: number;
  /** The permission that the answer says is missing; null where it says no such thing. */
  readonly lacks: string | null;
}

/** At the gateway `authorization` is the provider's: a Farthing key there is refused, whatever it may do. */
function headersFor(url: string, headers: Record<string, string>): Record<string, string> {
  return url.startsWith('/gateway/') && 'authorization' in headers
    ? { ...headers, authorization: 'Bearer sk-of-the-provider' }
    : headers;
}

/** Over a real socket, since a stream never ends and the gateway works below the framework. */
async function knock(who: Knocking, { method, url, body }: Request): Promise<Answer> {
  const stop = new AbortController();
  const answer = await fetch(server.server.url + url, {
    method,
    headers: {
      ...headersFor(url, await who.headers()),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    redirect: 'manual',
    signal: stop.signal,
  });
  const { status } = answer;
  // A stream has no end; everything else is read, so that the connection serves the next request too.
  const endless = answer.headers.get('content-type')?.startsWith('text/event-stream') === true;
  const text = endless ? '' : await answer.text();
  stop.abort();
  return { status, lacks: /This needs the permission \\?"([a-z:]+)/.exec(text)?.[1] ?? null };
}

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** A fault: a caller got in without the permission, or was refused with it. */
function complaint(who: Knocking, method: string, needed: Needed, { status, lacks }: Answer): string | null {
  // Signing in answers 401 of its own, and pages that were not built 503.
  if (needed === 'public') return lacks !== null || status === 500 ? `public, and answers ${status}` : null;
  const keyOnly = needed === 'a key’s events:write';
  const permission = keyOnly ? 'events:write' : needed;
  const mayAsk = !who.readsOnly || SAFE.has(method);
  const known = who.permissions !== null && mayAsk && !(keyOnly && who.kind === 'session');
  if (!known) return status === 401 ? null : `not known, and answers ${status}`;
  if (who.permissions?.has(permission) !== true)
    return status === 403 ? null : `lacks ${permission}, and answers ${status}`;
  const refused = status === 401 || lacks !== null || (status >= 500 && !(keyOnly && status === 502));
  return refused ? `has ${permission}, and answers ${status}` : null;
}

describe('the written list', () => {
  test('names every route with what the route itself demands, and no other', () => {
    const missing = routes.flatMap(({ method, url, access }) => {
      const real = url.startsWith('/gateway/') ? 'a key’s events:write' : access;
      const written = neededFor(method, url);
      return written === real ? [] : [`'${method} ${url}': '${real}', written: ${written ?? 'nothing'}`];
    });
    expect(missing).toEqual([]);
    const names = new Set(routes.map(({ method, url }) => `${method} ${url}`));
    expect(Object.keys(ROUTE_PERMISSIONS).filter((name) => !names.has(name))).toEqual([]);
  });

  test('names every procedure, and no other', () => {
    expect(PROCEDURES.sort()).toEqual(Object.keys(PROCEDURE_PERMISSIONS).sort());
  });
});

describe('everybody', () => {
  test('gets in by the written permission alone, on every route', async () => {
    const complaints: string[] = [];
    let knocks = 0;
    for (const route of routes) {
      const needed = neededFor(route.method, route.url);
      if (needed === undefined) continue; // reported by the test above
      const request = requestFor(route);
      for (const who of people) {
        const wrong = complaint(who, route.method, needed, await knock(who, request));
        knocks += 1;
        if (wrong !== null) complaints.push(`${route.method} ${route.url}, ${who.name}: ${wrong}`);
      }
    }
    expect(complaints).toEqual([]);
    console.log(`${routes.length} routes × ${people.length} identities: ${knocks} requests`);
  });

  test('gets in by the written permission alone, on every procedure', async () => {
    const complaints: string[] = [];
    for (const [procedure, needed] of Object.entries(PROCEDURE_PERMISSIONS)) {
      for (const who of people) {
        for (const url of [`/trpc/${procedure}`, `/trpc/${procedure},${procedure}?batch=1`]) {
          const answer = await knock(who, { method: 'GET', url, body: undefined });
          // A caller who may not read does not reach the procedure.
          const wrong =
            (who.permissions?.has('usage:read') === true ? complaint(who, 'GET', needed, answer) : null) ??
            complaint(who, 'GET', 'usage:read', { ...answer, lacks: null });
          if (wrong !== null) complaints.push(`${url}, ${who.name}: ${wrong}`);
        }
      }
    }
    expect(complaints).toEqual([]);
  });

  test('learns of an unknown address only with a credential', async () => {
    for (const who of people) {
      const { status } = await knock(who, { method: 'GET', url: '/api/admin/nothing', body: undefined });
      expect([who.name, status]).toEqual([who.name, who.permissions === null ? 401 : 404]);
    }
  });
});
