/** The whole server: no key of Farthing's reaches a provider, whatever its form and wherever it was put. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashKey } from '../../packages/server/src/tenants/keys/api-key.ts';
import { post, type RawUpstream, rawCall, readAnswer, startRawUpstream } from '../gateway/raw-http.ts';
import { ADMIN_KEY, startTestServer, type TestServer } from '../server/test-server.ts';

const CHAT = '/gateway/openai/v1/chat/completions';
/** A former key that is still in the database; no setting names it any more. */
const FORMER_KEY = `former-${randomBytes(20).toString('hex')}`;

let upstream: RawUpstream;
let server: TestServer;
beforeAll(async () => {
  upstream = await startRawUpstream(({ socket }) => {
    socket.write(
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nSet-Cookie: farthing_session=forged\r\nSet-Cookie: a=1\r\nX-Farthing-Event-Id: forged\r\n\r\n{}',
    );
  });
  server = await startTestServer({ FARTHING_OPENAI_BASE_URL: upstream.url });
  await server.server.context.db.asOperator((tx) =>
    tx.query(`insert into api_keys (name, role, hash, prefix) values ('former', 'admin', $1, 'former')`, [
      hashKey(FORMER_KEY),
    ]),
  );
});
afterAll(async () => {
  await server.stop();
  await upstream.close();
});

async function call(headers: readonly string[], path = CHAT) {
  const before = upstream.requests.length;
  const bytes = post(path, { model: 'm' }, [`x-farthing-key: ${server.acmeKey}`, ...headers]);
  const raw = await rawCall(server.server.url, bytes);
  return {
    raw: raw.bytes.toString('latin1'),
    answer: readAnswer(raw),
    seen: upstream.requests.slice(before),
  };
}

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe.each([
  ['the admin key of the settings', () => ADMIN_KEY],
  ['a key of another tenant', () => server.globexKey],
  ['its own key', () => server.acmeKey],
])('%s', (_name, secret) => {
  it.each<[string, (key: string) => string[]]>([
    ['Bearer', (key) => [`authorization: Bearer ${key}`]],
    ['bare', (key) => [`authorization: ${key}`]],
    ['Basic', (key) => [`authorization: ${basic(`user:${key}`)}`]],
    ['Token', (key) => [`authorization: Token ${key}`]],
    ['quoted', (key) => [`authorization: "${key}"`]],
    ['a second authorization', (key) => ['authorization: Bearer sk-good', `authorization: Bearer ${key}`]],
    ['a second x-api-key', (key) => ['x-api-key: sk-good', `x-api-key: ${key}`]],
    ['x-goog-api-key', (key) => [`x-goog-api-key: ${key}`]],
    ['api-key', (key) => [`api-key: ${key}`]],
    ['x-authorization', (key) => [`x-authorization: ${key}`]],
    ['openai-organization', (key) => [`openai-organization: ${key}`]],
  ])('does not go up: %s', async (_form, headersOf) => {
    const key = secret();
    const { answer, seen, raw } = await call(headersOf(key));
    expect([answer?.statusLine, seen.length]).toEqual(['HTTP/1.1 400 Bad Request', 0]);
    expect(answer?.body.toString()).toContain('carries a Farthing key; it was not sent on');
    expect(raw).not.toContain(key);
  });

  it('does not go up in the address', async () => {
    const { answer, seen } = await call([], `${CHAT}?api_key=${encodeURIComponent(secret())}`);
    expect([answer?.statusLine, seen.length]).toEqual(['HTTP/1.1 400 Bad Request', 0]);
  });
});

it.each(['authorization: Bearer ', 'authorization: ', 'x-api-key: ', 'api-key: ', 'x-goog-api-key: '])(
  'a key that only the database knows does not go up in a provider’s place: %s',
  async (place) => {
    const { answer, seen } = await call([`${place}${FORMER_KEY}`]);
    expect([answer?.statusLine, seen.length]).toEqual(['HTTP/1.1 400 Bad Request', 0]);
  },
);

it('keys of providers go up, of any form', async () => {
  for (const key of ['sk-proj-1', 'a'.repeat(32), randomBytes(42).toString('hex'), 'ollama']) {
    const { answer, seen } = await call([`authorization: Bearer ${key}`, `api-key: ${key}`]);
    expect(answer?.statusLine).toBe('HTTP/1.1 200 OK');
    expect(seen[0]?.head).toContain(`authorization: Bearer ${key}\r\n`);
  }
});

it('the session of the dashboard stays here, and a provider sets none; its event id is ours', async () => {
  const { answer, raw, seen } = await call(['cookie: a=1; farthing_session=secret; b=2']);
  expect(seen[0]?.head).toContain('\r\ncookie: a=1; b=2\r\n');
  expect(answer?.headers).toContain('Set-Cookie: a=1');
  expect(raw).not.toMatch(/farthing_session|forged/);
  expect(raw).toMatch(/x-farthing-event-id: gw_/);
});

it('what is under way, waits and was refused can be watched', async () => {
  const text = (
    await server.server.app.inject({ url: '/metrics', headers: { authorization: `Bearer ${ADMIN_KEY}` } })
  ).body;
  for (const line of [
    'farthing_gateway_calls{provider="openai"} 0',
    'farthing_gateway_calls_waiting{provider="anthropic"} 0',
    'farthing_gateway_refused_total{room="memory",shortage="full"} 0',
    'farthing_gateway_memory_bytes 0',
    'farthing_gateway_bodies_waiting 0',
  ])
    expect(text).toContain(line);
});
