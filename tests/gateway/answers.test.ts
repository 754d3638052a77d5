/** For every answer of a provider, valid or not: the client gets its bytes, and the event says what is known. */
import { constants, gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UsageEvent } from '../../packages/server/src/ledger/usage-event.ts';
import { FARTHING_KEY, type GatewayUnderTest, startGatewayUnderTest } from './gateway-under-test.ts';
import {
  post,
  type RawUpstream,
  rawCall,
  readAnswer,
  type SeenRequest,
  startRawUpstream,
} from './raw-http.ts';

const KEY = `x-farthing-key: ${FARTHING_KEY}`;
const FIXED = 'Date: Sat, 01 Jan 2000 00:00:00 GMT';

let upstream: RawUpstream;
let gateway: GatewayUnderTest;
/** What the upstream does with every request of the running test. */
let answer: (request: SeenRequest) => void = () => undefined;
beforeAll(async () => {
  upstream = await startRawUpstream((request) => answer(request));
  gateway = await startGatewayUnderTest({ upstream: upstream.url, settings: { upstreamTimeoutMs: 2_000 } });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});

/** Calls directly and through the gateway; the answers must agree. */
async function both(path: string, body: unknown, reply: (request: SeenRequest) => void) {
  answer = reply;
  const before = gateway.events.length;
  const direct = readAnswer(await rawCall(upstream.url, post(path, body)));
  const through = readAnswer(await rawCall(gateway.url, post(`/gateway/openai${path}`, body, [KEY])));
  expect(through).toEqual(direct);
  return { direct, through, event: gateway.events[before] as UsageEvent | undefined };
}

const CHAT = '/v1/chat/completions';
const asked = { model: 'gpt-5-mini', messages: [], stream: true, stream_options: { include_usage: true } };
const USAGE = '{"prompt_tokens":11,"completion_tokens":7,"total_tokens":18}';
const JSON_BODY = `{"id":"c1","object":"chat.completion","model":"gpt-5-mini","choices":[{"index":0,"message":{"role":"assistant","content":"naïve 🙂"}}],"usage":${USAGE}}`;
const frame = (rest: string) =>
  `data: {"id":"c1","object":"chat.completion.chunk","model":"gpt-5-mini",${rest}}\n\n`;
const SSE_BODY = [
  frame('"choices":[{"index":0,"delta":{"role":"assistant","content":"naïve"}}],"usage":null'),
  frame('"choices":[{"index":0,"delta":{"content":" 🙂"},"finish_reason":"stop"}],"usage":null'),
  frame(`"choices":[],"usage":${USAGE}`),
  'data: [DONE]\n\n',
].join('');

function json(body: string | Buffer, headers: readonly string[] = [], status = '200 OK'): Buffer {
  const bytes = Buffer.from(body as string);
  const head = [
    `HTTP/1.1 ${status}`,
    FIXED,
    'Content-Type: application/json',
    `Content-Length: ${bytes.length}`,
  ];
  return Buffer.concat([Buffer.from(`${[...head, ...headers].join('\r\n')}\r\n\r\n`, 'latin1'), bytes]);
}

const SSE_HEAD = `HTTP/1.1 200 OK\r\n${FIXED}\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n`;
const chunk = (bytes: Buffer) =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
const sse = (body: string | Buffer, headers = '') =>
  Buffer.concat([
    Buffer.from(`${SSE_HEAD}${headers}\r\n`),
    chunk(Buffer.from(body as string)),
    Buffer.from('0\r\n\r\n'),
  ]);

describe('an answer in order', () => {
  it.each<[string, Buffer]>([
    ['a reason phrase of its own', json(JSON_BODY, [], '200 Very Well')],
    ['no reason phrase', json(JSON_BODY, [], '200 ')],
    [
      'headers twice, in odd case, with Latin-1 and empty ones',
      json(JSON_BODY, ['Set-Cookie: a=1', 'sEt-CookiE: b=2', 'X-Odd: é', 'X-Empty: ']),
    ],
    [
      'large headers',
      json(
        JSON_BODY,
        Array.from({ length: 12 }, (_, at) => `X-${at}: ${'x'.repeat(1_000)}`),
      ),
    ],
    ['a header that `connection` names for one hop', json(JSON_BODY, ['Keep-Alive: timeout=5'])],
    [
      'an early hint before it',
      Buffer.concat([Buffer.from('HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'), json(JSON_BODY)]),
    ],
    ['a 204', Buffer.from(`HTTP/1.1 204 No Content\r\n${FIXED}\r\nX-A: 1\r\n\r\n`)],
    ['a 304', Buffer.from(`HTTP/1.1 304 Not Modified\r\n${FIXED}\r\nETag: "a"\r\n\r\n`)],
    ['an empty body', json('')],
    [
      'a 429',
      json(
        '{"error":{"message":"slow down"}}',
        ['Retry-After: 7', 'retry-after-ms: 50'],
        '429 Too Many Requests',
      ),
    ],
    ['a 529', json('{"type":"error"}', [], '529 Overloaded')],
    ['a body that is not JSON', json('<html>')],
    [
      'a chunked JSON body',
      Buffer.from(
        `HTTP/1.1 200 OK\r\n${FIXED}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{"a\r\n4\r\n":1}\r\n0\r\n\r\n`,
      ),
    ],
    [
      'trailers',
      Buffer.from(
        `HTTP/1.1 200 OK\r\n${FIXED}\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n2\r\n{}\r\n0\r\nX-T: 1\r\n\r\n`,
      ),
    ],
    ['gzip that was not asked for', json(gzipSync(JSON_BODY), ['Content-Encoding: gzip'])],
    ['gzip that is none', json('not gzip', ['Content-Encoding: gzip'])],
    ['an encoding nobody knows', json('????', ['Content-Encoding: snappy'])],
    ['a stream', sse(SSE_BODY)],
    ['a gzipped stream', sse(gzipSync(SSE_BODY), 'Content-Encoding: gzip\r\n')],
    ['a stream behind a byte order mark', sse(`\ufeff${SSE_BODY}`)],
    ['a stream with CRLF', sse(SSE_BODY.replaceAll('\n', '\r\n'))],
    ['a stream without an end event', sse(SSE_BODY.replace('data: [DONE]\n\n', ''))],
    ['a stream with broken JSON in it', sse(SSE_BODY.replace('"finish_reason"', '"finish'))],
    ['a stream of no events', sse('')],
    [
      'a stream of binary noise',
      sse(Buffer.from(Array.from({ length: 4_096 }, (_, at) => (at * 7919) % 256))),
    ],
  ])('passes byte for byte: %s', async (_name, bytes) => {
    const { through, event } = await both(CHAT, asked, ({ socket }) => socket.write(bytes));
    expect(through?.whole).toBe(true);
    expect(event).toMatchObject({ door: 'gateway', tenant: 'acme' });
  });

  it.each<[string, Buffer]>([
    ['JSON', json(JSON_BODY)],
    ['gzipped JSON', json(gzipSync(JSON_BODY), ['Content-Encoding: gzip'])],
    ['a stream', sse(SSE_BODY)],
    ['a gzipped stream', sse(gzipSync(SSE_BODY), 'Content-Encoding: gzip\r\n')],
    ['a stream whose last word is usage', sse(SSE_BODY.replace('data: [DONE]\n\n', ''))],
  ])('is read for its usage: %s', async (_name, bytes) => {
    const { event } = await both(CHAT, asked, ({ socket }) => socket.write(bytes));
    expect(event).toMatchObject({
      status: 'ok',
      source: 'reported',
      rawUsage: JSON.parse(USAGE),
      anomalies: [],
    });
  });

  it('is an error where the stream reports one', async () => {
    const body = `${SSE_BODY.slice(0, SSE_BODY.indexOf('data: {"id":"c1"', 5))}data: {"error":{"message":"boom"}}\n\n`;
    const { event } = await both(CHAT, asked, ({ socket }) => socket.write(sse(body)));
    expect(event?.status).toBe('error');
    expect(event?.source).not.toBe('reported');
  });

  it('reaches a HTTP/1.0 client without chunks', async () => {
    answer = ({ socket }) => socket.write(sse(SSE_BODY));
    const request = post(`/gateway/openai${CHAT}`, asked, [KEY]).toString().replace('HTTP/1.1', 'HTTP/1.0');
    const through = readAnswer(await rawCall(gateway.url, request));
    expect(through).toMatchObject({ whole: true, body: Buffer.from(SSE_BODY) });
    expect(through?.headers.join()).not.toMatch(/transfer-encoding/i);
  });

  it('to HEAD and to requests without body passes too', async () => {
    answer = ({ socket }) => socket.end(`HTTP/1.1 200 OK\r\n${FIXED}\r\nContent-Length: 5\r\n\r\n`);
    const through = await rawCall(
      gateway.url,
      `HEAD /gateway/openai/v1/models HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${KEY}\r\n\r\n`,
    );
    expect(readAnswer(through)).toMatchObject({
      statusLine: 'HTTP/1.1 200 OK',
      headers: [FIXED, 'Content-Length: 5'],
    });
    expect(upstream.requests.at(-1)?.head).toMatch(/^HEAD \/v1\/models HTTP/);
  });
});

describe('an answer that breaks off', () => {
  const cutAt = (bytes: Buffer, at: number) => (request: SeenRequest) => {
    request.socket.write(bytes.subarray(0, at), () => setTimeout(() => request.socket.destroy(), 3));
  };
  /** What a client has read that unpacks as it goes. */
  const plain = (body: Buffer) =>
    body[0] === 0x1f ? gunzipSync(body, { finishFlush: constants.Z_SYNC_FLUSH }) : body;
  const headEnd = (bytes: Buffer) => bytes.indexOf('\r\n\r\n') + 4;
  const positions = (bytes: Buffer, count: number) =>
    Array.from(
      { length: count },
      (_, at) => headEnd(bytes) + Math.floor((at * (bytes.length - headEnd(bytes))) / count),
    );

  it.each<[string, Buffer]>([
    ['JSON', json(JSON_BODY)],
    ['a stream', sse(SSE_BODY)],
    ['a gzipped stream', sse(gzipSync(SSE_BODY), 'Content-Encoding: gzip\r\n')],
  ])('reaches the client to the last byte the provider sent, at 30 positions: %s', async (_name, bytes) => {
    for (const at of positions(bytes, 30)) {
      const { through, event } = await both(CHAT, asked, cutAt(bytes, at));
      expect([at, through?.whole]).toEqual([at, false]);
      // After [DONE] the stream was complete for every reader.
      const done = plain(through?.body ?? Buffer.alloc(0)).includes('data: [DONE]\n\n');
      expect([at, event?.status]).toEqual([at, done ? 'ok' : 'aborted']);
      if (done) continue;
      // Estimated, unless the usage had come before the cut.
      const codes = event?.source === 'reported' ? ['upstream_cut'] : ['estimated_usage', 'upstream_cut'];
      expect([at, event?.anomalies.map(({ code }) => code)]).toEqual([at, codes]);
    }
  });

  it('reaches the client also where the gateway takes its own usage chunk out', async () => {
    const body = { model: 'gpt-5-mini', messages: [], stream: true };
    const bytes = sse(SSE_BODY);
    const usage = Buffer.from(frame(`"choices":[],"usage":${USAGE}`));
    for (const at of positions(bytes, 10)) {
      answer = cutAt(bytes, at);
      const direct = readAnswer(await rawCall(upstream.url, post(CHAT, body)));
      const through = readAnswer(await rawCall(gateway.url, post(`/gateway/openai${CHAT}`, body, [KEY])));
      const wanted = direct?.body.toString('latin1').replace(usage.toString('latin1'), '');
      expect([at, through?.body.toString('latin1')]).toEqual([at, wanted]);
      expect(through?.whole).toBe(false);
    }
  });

  it.each<[string, (request: SeenRequest) => void, number, RegExp]>([
    ['before its headers', ({ socket }) => socket.destroy(), 502, /openai could not be reached/],
    ['within its headers', cutAt(json(JSON_BODY), 20), 502, /openai could not be reached/],
    ['by being no HTTP', ({ socket }) => socket.end('hello\r\n\r\n'), 502, /openai could not be reached/],
    [
      'by headers without end',
      ({ socket }) => socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(80_000)}`),
      502,
      /cannot be passed on/,
    ],
    ['by never coming', () => undefined, 504, /did not answer in time/],
  ])(
    'is a refusal in the provider’s shape and an event without usage: %s',
    async (_name, reply, status, words) => {
      answer = reply;
      const before = gateway.events.length;
      const through = readAnswer(await rawCall(gateway.url, post(`/gateway/openai${CHAT}`, asked, [KEY])));
      expect(through?.statusLine).toContain(String(status));
      expect(JSON.parse(through?.body.toString() ?? '')).toMatchObject({
        error: { type: 'server_error', message: expect.stringMatching(words) },
      });
      expect(gateway.events[before]).toMatchObject({
        status: 'error',
        source: 'none',
        rawUsage: null,
        model: 'gpt-5-mini',
      });
      expect(gateway.events).toHaveLength(before + 1);
    },
  );

  it('leaves nothing behind for the next request of either connection', async () => {
    answer = cutAt(sse(SSE_BODY), 250);
    await rawCall(gateway.url, post(`/gateway/openai${CHAT}`, asked, [KEY]));
    const { event } = await both(CHAT, asked, ({ socket }) => socket.write(json(JSON_BODY)));
    expect(event).toMatchObject({ status: 'ok', source: 'reported' });
    await upstream.quiet();
    expect(upstream.open).toBe(0);
  });
});
