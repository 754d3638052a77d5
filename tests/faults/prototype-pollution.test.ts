/** Names that poison objects in other programs, sent through every door; the server shares its objects with this test. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { brokenInvariants } from '../ledger/invariants.ts';
import { type ScriptedProvider, startScriptedProvider } from '../provider/scripted-provider.ts';
import { startTestServer, type TestServer } from '../server/test-server.ts';

const BASES = [
  ...['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf'],
  ...['__defineGetter__', '__defineSetter__', '__lookupGetter__', 'toJSON', 'then', 'length', 'polluted'],
];
const WRAPPED: readonly ((base: string) => string)[] = [
  (base) => base,
  (base) => `${base}.polluted`,
  (base) => `${base}[polluted]`,
  (base) => `a.${base}.polluted`,
  (base) => `a[${base}][polluted]`,
  (base) => `constructor.prototype.${base}`,
  (base) => `__proto__.${base}`,
  (base) => `["${base}"]`,
];
const NAMES = BASES.flatMap((base) => WRAPPED.map((wrap) => wrap(base)));

/** JSON text with this name as it stands, and with it spelled in escapes: a parser gives both the same meaning. */
const spellings = (name: string): readonly string[] => [
  JSON.stringify(name),
  `"${[...name].map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`,
];
/** Objects a poisoner sends under the name. */
const POISON = '{"polluted":"yes","isAdmin":true,"prototype":{"polluted":"yes"}}';
const EVENT = '"provider":"openai","model":"gpt-4o"';

/** Places of a name in an item, as JSON text. */
const PLACES: readonly ((name: string) => string)[] = [
  (name) => `{${EVENT},"usage":{"prompt_tokens":1},${name}:${POISON}}`,
  (name) => `{${EVENT},"usage":{"prompt_tokens":1,${name}:${POISON}}}`,
  (name) => `{${EVENT},"usage":{"prompt_tokens":1,"prompt_tokens_details":{${name}:${POISON}}}}`,
  (name) => `{${EVENT},"usage":{"prompt_tokens":1},"metadata":{${name}:${POISON}}}`,
  (name) => `{${EVENT},"usage":{"prompt_tokens":1},"tags":{${name}:"yes"}}`,
  (name) => `{${EVENT},"usage":{"prompt_tokens":1},"agent":${name},"user":${name},"project":${name}}`,
  (name) => `{"provider":${name},"model":${name},"usage":{"prompt_tokens":1}}`,
  (name) =>
    `{"provider":"openai","response":{"id":"c","object":"chat.completion","model":"gpt-4o","choices":[],${name}:${POISON},"usage":{"prompt_tokens":1,${name}:${POISON}}}}`,
];

/** What every object of this process has in common, down to the functions themselves. */
function commonGround(): unknown[] {
  return [Object, Array, Function, String, Number, Map, Promise].map(({ prototype }) =>
    Object.entries(Object.getOwnPropertyDescriptors(prototype)).map(([name, { value, get, set }]) => [
      name,
      value,
      get,
      set,
    ]),
  );
}

let server: TestServer;
let provider: ScriptedProvider;
let url: string;
let before: unknown[];
beforeAll(async () => {
  provider = await startScriptedProvider();
  server = await startTestServer({ FARTHING_OPENAI_BASE_URL: provider.url });
  url = server.server.url;
});
afterAll(async () => {
  await server.stop();
  await provider.close();
});
beforeEach(() => {
  before = commonGround();
  return () => {
    expect(commonGround()).toEqual(before);
    expect(Object.keys(Object.getPrototypeOf({}))).toEqual([]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(({} as { isAdmin?: unknown }).isAdmin).toBeUndefined();
  };
});

test('names in JSON bodies are data: nothing answers 5xx, nothing is shared', async () => {
  const items = NAMES.flatMap((name) =>
    spellings(name).flatMap((text) => PLACES.map((place) => place(text))),
  );
  expect(items.length).toBeGreaterThan(1_500);
  const statuses = new Set<number>();
  for (let from = 0; from < items.length; from += 200) {
    const some = items.slice(from, from + 200);
    const array = await server.send('POST', '/api/usage/events', {
      key: server.acmeKey,
      body: `[${some.join(',')}]`,
    });
    const lines = await server.send('POST', '/api/usage/events', {
      key: server.acmeKey,
      body: some.join('\n'),
      headers: { 'content-type': 'application/x-ndjson' },
    });
    for (const answer of [array, lines]) {
      statuses.add(answer.status);
      expect(answer.body.data.results).toHaveLength(some.length);
    }
  }
  expect([...statuses].filter((status) => status >= 500)).toEqual([]);
  expect(await brokenInvariants(server.server.context.db)).toEqual([]);
});

test('names in bodies of the administration and of prices are refused or data', async () => {
  const routes = ['/api/admin/tenants', '/api/admin/keys', '/api/admin/prices', '/api/admin/users'];
  for (const name of NAMES) {
    for (const route of [...routes, '/api/cost/estimate', '/api/cost/price', '/api/ops/alerts/thresholds']) {
      const body = `{${JSON.stringify(name)}:${POISON},"id":"x","name":"x","tags":{${JSON.stringify(name)}:"y"}}`;
      expect((await server.send('POST', route, { body })).status).toBeLessThan(500);
    }
  }
}, 60_000);

test('names in queries, filters and tRPC inputs are refused or data', async () => {
  const encoded = encodeURIComponent;
  for (const name of NAMES) {
    const input = encoded(`{${JSON.stringify(name)}:${POISON},"filters":{${JSON.stringify(name)}:["x"]}}`);
    for (const path of [
      `/api/usage/events?${encoded(name)}=yes`,
      `/api/usage/events?${name}=yes&${name}=again`,
      `/api/usage/events?tag.${encoded(name)}=yes`,
      `/api/cost/tags?key=${encoded(name)}`,
      `/api/cost/summary?group_by=${encoded(name)}&agent=${encoded(name)}`,
      `/trpc/overview.cards?input=${input}`,
      `/trpc/${encoded(name)}?input=${input}`,
    ]) {
      const { statusCode } = await server.server.app.inject({
        url: path,
        headers: { authorization: `Bearer ${server.acmeKey}` },
      });
      expect([statusCode < 500, path]).toEqual([true, path]);
    }
  }
}, 60_000);

test('names in headers, tags and bodies of gateway calls are refused or data', async () => {
  const call = (headers: Record<string, string>, body: string) =>
    fetch(`${url}/gateway/openai/v1/chat/completions`, {
      method: 'POST',
      headers: { 'x-farthing-key': server.acmeKey, 'content-type': 'application/json', ...headers },
      body,
    });
  const plain = '"model":"gpt-5-mini","messages":[{"role":"user","content":"x"}]';
  const headerNames = BASES.map((base) => base.toLowerCase());
  for (const name of NAMES) {
    const tags = { 'x-farthing-tags': `${encodeURIComponent(name)}=yes` };
    const answers = [
      await call(tags, `{${plain}}`),
      await call({}, `{${plain},${JSON.stringify(name)}:${POISON}}`),
      await call({}, `{${plain},"stream":true,"stream_options":{${JSON.stringify(name)}:true}}`),
    ];
    for (const answer of answers) {
      await answer.text();
      expect(answer.status).toBeLessThan(500);
    }
  }
  for (const name of headerNames) {
    const answer = await call({ [name]: 'yes', [`x-farthing-${name}`]: 'yes' }, `{${plain}}`);
    await answer.text();
    expect(answer.status).toBeLessThan(500);
  }
}, 60_000);
