/** Hostile names: of parameters, of tags, of members of bodies. No 5xx, no file that is cut. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROUTES } from '../../packages/server/src/api/routes.ts';
import { appRouter } from '../../packages/server/src/trpc/router.ts';
import { type ApiServer, recordLedgers, startApiServer } from '../api/api-server.ts';

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
  await recordLedgers(api);
});
afterAll(() => api.stop());

const NAMES = [
  '\0',
  'team\0',
  '\ud800',
  '\u202e\u0007',
  '__proto__',
  'constructor',
  'toString',
  '',
  ' ',
  "';--",
  '"',
  '$1',
  'a.b[0]',
  '%',
  '😀'.repeat(200),
  'x'.repeat(3_000),
];
const show = (name: string) => JSON.stringify(name.slice(0, 30));
/** Percent-encoded, whatever it is: half of a surrogate pair as its three bytes. */
const encode = (text: string) =>
  [...text].map((one) => (one === '\ud800' ? '%ED%A0%80' : encodeURIComponent(one))).join('');

/** Whether a file came whole cannot be seen in its status: a stream that breaks off rejects. */
async function ask(method: string, url: string, body?: unknown): Promise<number> {
  const answer = await api.server.app.inject({
    method: method as 'GET',
    url,
    headers: {
      authorization: `Bearer ${api.keyOf('admin')}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  });
  return answer.statusCode;
}

const filled = (path: string) => path.replace(/:(\w+)/g, '01930000-0000-7000-8000-0000000000b0');
const routes = Object.entries(ROUTES)
  .map(([key, endpoint]) => ({
    key,
    method: key.split(' ')[0] ?? '',
    path: filled(key.split(' ')[1] ?? ''),
    endpoint,
  }))
  .filter(({ key }) => key !== 'GET /api/usage/stream');

describe('every route', () => {
  test.each(routes)('$key', async ({ method, path, endpoint }) => {
    const wrong: string[] = [];
    for (const name of NAMES) {
      for (const prefix of ['', 'tag.']) {
        const status = await ask(method, `${path}?${prefix}${encode(name)}=x`);
        if (status >= 500) wrong.push(`${status} parameter ${prefix}${show(name)}`);
      }
      if (endpoint.body === null && endpoint.bytes === undefined) continue;
      for (const body of [{ [name]: 1 }, { tags: { [name]: 'x' } }, [{ tags: { [name]: 'x' }, [name]: 1 }]]) {
        const status = await ask(method, path, body);
        if (status >= 500) wrong.push(`${status} member ${show(name)}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

test.each([
  '/api/usage/events',
  '/api/exports/events',
  '/api/exports/costs',
  '/api/cost/tags/x',
  '/api/v2/costs',
])('a tag named with NUL is refused by %s', async (path) => {
  expect([path, await ask('GET', `${path}?tag.%00=x`)]).toEqual([path, path.endsWith('/x') ? 404 : 400]);
});

test('every query of the dashboard', async () => {
  const wrong: string[] = [];
  for (const path of Object.keys(appRouter._def.procedures)) {
    for (const name of NAMES) {
      for (const input of [
        { [name]: 1 },
        { tags: { [name]: 'x' } },
        { filter: { tags: { [name]: 'x' } } },
        { filters: { [`tag.${name}`]: ['x'] } },
        { groupBy: [`tag.${name}`], by: `tag.${name}` },
      ]) {
        const status = await ask('GET', `/trpc/${path}?input=${encodeURIComponent(JSON.stringify(input))}`);
        if (status >= 500) wrong.push(`${status} ${path} ${show(JSON.stringify(input))}`);
      }
    }
  }
  expect(wrong).toEqual([]);
});
