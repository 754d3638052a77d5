/** What goes up to the provider, and what never does. */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeIdentity } from '../../packages/server/src/tenants/identity.ts';
import { FARTHING_KEY, type GatewayUnderTest, startGatewayUnderTest } from './gateway-under-test.ts';
import { connect, post, type RawUpstream, rawCall, readAnswer, startRawUpstream } from './raw-http.ts';

const KEY = `x-farthing-key: ${FARTHING_KEY}`;
const CHAT = '/gateway/openai/v1/chat/completions';
const BODY = { model: 'gpt-5-mini', messages: [] };

let upstream: RawUpstream;
let gateway: GatewayUnderTest;
beforeAll(async () => {
  upstream = await startRawUpstream(({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}');
  });
  gateway = await startGatewayUnderTest({ upstream: upstream.url, settings: { bodyLimitBytes: 100_000 } });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});

async function call(request: Buffer | string) {
  const before = upstream.requests.length;
  const answer = readAnswer(await rawCall(gateway.url, request));
  return {
    status: Number(answer?.statusLine.split(' ')[1]),
    body: answer?.body.toString() ?? '',
    headers: answer?.headers ?? [],
    seen: upstream.requests.slice(before),
  };
}

describe('headers', () => {
  it('of ours never go up, in any spelling or number', async () => {
    const { seen } = await call(
      post(CHAT, BODY, [
        KEY,
        'X-Farthing-Agent: a',
        'X-FARTHING-AGENT: b',
        'x-Farthing-Tags: k=v',
        'X_Farthing_Key: c',
        'x-farthing-unknown: d',
        'Authorization: Bearer sk-provider',
        'X-Custom: é',
        'X-Custom: twice',
      ]),
    );
    expect(seen[0]?.head).not.toMatch(/farthing/i);
    expect(seen[0]?.head).toContain('\r\nAuthorization: Bearer sk-provider\r\n');
    expect(seen[0]?.head).toContain('\r\nX-Custom: é\r\nX-Custom: twice\r\n');
  });

  it('for one hop stay on their hop, those that `connection` names too', async () => {
    const { seen } = await call(
      post(
        CHAT,
        BODY,
        [
          KEY,
          'X-One-Hop: 1',
          'Keep-Alive: 5',
          'TE: trailers',
          'Proxy-Authorization: x',
          'Expect: 100-continue',
        ],
        'close, X-One-Hop',
      ),
    );
    const names = seen[0]?.head
      .split('\r\n')
      .slice(1)
      .map((line) => line.split(':')[0]?.toLowerCase());
    expect(names?.toSorted()).toEqual([
      'accept-encoding',
      'connection',
      'content-length',
      'content-type',
      'host',
    ]);
    expect(seen[0]?.head).toMatch(/host: 127\.0\.0\.1:/i);
  });

  it.each([
    ['authorization', 'Bearer frt_abcdefgh'],
    ['authorization', 'frt_abcdefgh'],
    ['x-api-key', 'frt_abcdefgh'],
    ['api-key', 'frt_abcdefgh'],
  ])('do not carry a Farthing key up by mistake: %s: %s', async (name, value) => {
    const { status, body, seen } = await call(post(CHAT, BODY, [KEY, `${name}: ${value}`]));
    expect([status, seen.length]).toEqual([400, 0]);
    expect(body).toMatch(/Put the Farthing key into x-farthing-key/);
    expect(body).not.toContain('abcdefgh');
  });
});

describe('attribution', () => {
  async function attributed(headers: readonly string[]) {
    const before = gateway.events.length;
    const { status, body } = await call(post(CHAT, BODY, [KEY, ...headers]));
    return { status, body, event: gateway.events[before] };
  }

  it('is read from headers, percent-encoded or UTF-8', async () => {
    const { event } = await attributed([
      'x-farthing-project: p',
      'x-farthing-environment: prod',
      'x-farthing-agent: na%C3%AFve%20agent',
      `x-farthing-user: ${Buffer.from('Zoë').toString('latin1')}`,
      'x-farthing-workflow: 100%',
      'x-farthing-task: t',
      'x-farthing-session: s',
      'x-farthing-request-id: r',
      'x-farthing-tags: team=search, a%2Cb=c%3Dd,empty=,eq=a=b',
    ]);
    expect(event?.attribution).toEqual({
      project: 'p',
      environment: 'prod',
      agent: 'naïve agent',
      user: 'Zoë',
      apiKeyId: '00000000-0000-4000-8000-000000000001',
      workflow: '100%',
      task: 't',
      session: 's',
      requestId: 'r',
      tags: { team: 'search', 'a,b': 'c=d', empty: '', eq: 'a=b' },
    });
  });

  it('takes the request id for the workflow where none is named', async () => {
    const { event } = await attributed(['x-farthing-request-id: r-7']);
    expect(event?.attribution.workflow).toBe('r-7');
  });

  it.each([
    [`x-farthing-agent: ${'a'.repeat(3_000)}`],
    ['x-farthing-agent: a%0d%0aX-Evil: 1'],
    ['x-farthing-agent: a%00'],
    ['x-farthing-tags: no-value'],
    ['x-farthing-tags: =v'],
    [`x-farthing-tags: ${Array.from({ length: 200 }, (_, at) => `t${at}=1`).join(',')}`],
    ['x-farthing-tenant: globex'],
  ])('is refused in the provider’s shape before the provider is asked: %.40s', async (header) => {
    const { status, body, seen } = await call(post(CHAT, BODY, [KEY, header]));
    expect([400, 403]).toContain(status);
    expect(seen).toEqual([]);
    expect(JSON.parse(body)).toMatchObject({
      error: { message: expect.stringMatching(/^Farthing: /), param: null },
    });
  });

  it('of an admin key names its tenant, which must exist', async () => {
    const admin = await startGatewayUnderTest({
      upstream: upstream.url,
      identity: makeIdentity({ keyId: 'k', role: 'admin', tenantId: null }),
      tenantExists: async (id) => id === 'globex',
    });
    const as = async (tenant: string) =>
      readAnswer(await rawCall(admin.url, post(CHAT, BODY, [KEY, `x-farthing-tenant: ${tenant}`])));
    expect((await as('globex'))?.statusLine).toContain('200');
    expect(admin.events[0]?.tenant).toBe('globex');
    expect((await as('nobody'))?.statusLine).toContain('400');
    await admin.close();
  });

  it('cannot be read while the key cannot be checked: 503 and when to come back', async () => {
    const away = await startGatewayUnderTest({
      identify: () =>
        Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })),
    });
    const answer = readAnswer(await rawCall(away.url, post(CHAT, BODY, [KEY])));
    expect(answer?.statusLine).toContain('503');
    expect(answer?.headers).toContain('retry-after: 2');
    await away.close();
  });
});

describe('the target', () => {
  const get = (target: string, host = 'whoever.example') =>
    call(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${KEY}\r\n\r\n`);

  it.each([
    'http://evil.example/gateway/openai/v1/models',
    'http://aaaaaaaahttp://evil.example/gateway/openai/v1/models',
    '/gateway/openai//evil.example/v1',
    '/gateway/openai/../admin',
    '/gateway/openai/v1/%2e%2e/admin',
    '/gateway/openai/v1/.%2E/admin',
    '/gateway/openai/v1/..%2fadmin',
    '/gateway/openai/v1/..%5cadmin',
    '/gateway/openai/v1/..;/admin',
    '/gateway/openai/v1/./models',
    '/gateway/openai/v1\\..\\admin',
    '/gateway/openai/v1/models#/../admin',
    '/%67ateway/openai/v1/models',
    '/gateway/openai/v1/%zz',
    '/gateway/openai',
    '/gateway/openai@evil.example/v1',
    '/gateway/OpenAI/v1/models',
    '/gateway/other/v1/models',
  ])('that is no plain path below the mount reaches nobody: %s', async (target) => {
    const { status, seen } = await get(target);
    expect([400, 404]).toContain(status);
    expect(seen).toEqual([]);
  });

  it('keeps its query and its escapes, and Host does not matter', async () => {
    const { seen } = await get(
      '/gateway/openai/v1/files/a%20b%2Fc?x=%2e%2e/..&y=http://evil',
      'evil.example',
    );
    expect(seen[0]?.head).toMatch(
      /^GET \/v1\/files\/a%20b%2Fc\?x=%2e%2e\/\.\.&y=http:\/\/evil HTTP\/1\.1\r\n/,
    );
    expect(seen[0]?.head).not.toContain('evil.example');
  });

  it.each([
    '/v1/chat/completions/',
    '/v1//chat/completions',
    '/v1/chat/%63ompletions',
    '/v1/chat/completions?a=1',
  ])('is metered however it is spelled: %s', async (path) => {
    const before = gateway.events.length;
    await call(post(`/gateway/openai${path}`, BODY, [KEY]));
    expect(gateway.events).toHaveLength(before + 1);
  });
});

describe('the body', () => {
  const head = (lines: readonly string[], path = CHAT) =>
    `POST ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${[KEY, ...lines].join('\r\n')}\r\n\r\n`;

  it('in chunks arrives whole', async () => {
    const { status, seen } = await call(
      `${head(['Transfer-Encoding: chunked', 'Trailer: X-T'])}3\r\n{"m\r\n9\r\nodel":"x"\r\n1\r\n}\r\n0\r\nX-T: 1\r\n\r\n`,
    );
    expect([status, seen[0]?.body.toString()]).toEqual([200, '{"model":"x"}']);
    expect(gateway.events.at(-1)?.requestedModel).toBe('x');
  });

  it.each([
    ['empty', Buffer.alloc(0)],
    ['compressed', gzipSync('{"model":"x","stream":true}')],
    ['no JSON', Buffer.from('{"model":')],
    ['an array', Buffer.from('[1]')],
    ['UTF-16', Buffer.from('{"model":"x"}', 'utf16le')],
  ])('that cannot be read goes up as it is: %s', async (_name, bytes) => {
    const { status, seen } = await call(post(CHAT, bytes, [KEY, 'Content-Encoding: gzip']));
    expect(status).toBe(200);
    expect(seen[0]?.body).toEqual(bytes);
    expect(seen[0]?.head).toContain('Content-Encoding: gzip');
    expect(gateway.events.at(-1)).toMatchObject({ model: 'unknown', requestedModel: null });
  });

  it('is awaited behind `Expect: 100-continue`', async () => {
    const client = await connect(gateway.url);
    client.socket.write(head(['Content-Length: 2', 'Expect: 100-continue']));
    expect((await client.until((bytes) => bytes.includes('\r\n\r\n'))).toString()).toBe(
      'HTTP/1.1 100 Continue\r\n\r\n',
    );
    client.socket.write('{}');
    expect(readAnswer(await client.ended())?.statusLine).toBe('HTTP/1.1 200 OK');
  });

  it.each([
    [
      'stated',
      (bytes: Buffer) => Buffer.concat([Buffer.from(head([`Content-Length: ${bytes.length}`])), bytes]),
    ],
    [
      'in chunks',
      (bytes: Buffer) =>
        Buffer.concat([
          Buffer.from(`${head(['Transfer-Encoding: chunked'])}${bytes.length.toString(16)}\r\n`),
          bytes,
          Buffer.from('\r\n0\r\n\r\n'),
        ]),
    ],
  ])(
    'beyond the bound is refused, and the refusal arrives although the body was not read: %s',
    async (_n, make) => {
      const { status, body, seen } = await call(make(Buffer.alloc(5_000_000, ' ')));
      expect([status, seen.length]).toEqual([413, 0]);
      expect(JSON.parse(body).error.code).toBe('body_too_large');
    },
  );

  it('of a refused request is not taken for the next request', async () => {
    const client = await connect(gateway.url);
    const smuggled = post('/gateway/openai/v1/smuggled', {}, [KEY]);
    const before = upstream.requests.length;
    client.socket.write(post(CHAT, smuggled, ['x-farthing-key: wrong'], 'keep-alive'));
    client.socket.write(post(CHAT, BODY, [KEY]));
    const text = (await client.ended()).bytes.toString();
    expect(text.startsWith('HTTP/1.1 401')).toBe(true);
    expect(upstream.requests.slice(before).map((seen) => seen.head.split(' ')[1])).not.toContain(
      '/v1/smuggled',
    );
  });

  it('of an unmetered path streams up as it comes, whole and unread', async () => {
    const upload = Buffer.alloc(3_000_000, 'multipart');
    const { status, seen } = await call(
      post('/gateway/openai/v1/files', upload, [KEY, 'Content-Type: multipart/form-data; boundary=x']),
    );
    expect(status).toBe(200);
    expect(seen[0]?.body.equals(upload)).toBe(true);
  });

  it('of an unmetered path stops going up when the client goes away', async () => {
    const waiting = await startRawUpstream(() => undefined);
    const server = await startGatewayUnderTest({ upstream: waiting.url });
    const client = await connect(server.url);
    client.socket.write(head(['Content-Length: 1000000'], '/gateway/openai/v1/files'));
    client.socket.write(Buffer.alloc(1_000));
    while (waiting.open === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    client.socket.destroy();
    await waiting.quiet();
    expect([waiting.open, waiting.requests.length]).toEqual([0, 0]);
    await server.close();
    await waiting.close();
  });

  it('of an unmetered path whose provider is away does not hurt the refusal', async () => {
    const early = await startRawUpstream(() => undefined);
    const server = await startGatewayUnderTest({ upstream: early.url });
    await early.close();
    const answer = readAnswer(
      await rawCall(server.url, post('/gateway/openai/v1/files', Buffer.alloc(2_000_000), [KEY])),
    );
    expect(answer?.statusLine).toContain('502');
    expect(answer?.whole).toBe(true);
    await server.close();
  });
});

describe('malformed HTTP', () => {
  const smuggle = 'GET /gateway/openai/v1/smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
  const chat = (lines: string, body = '') =>
    `POST ${CHAT} HTTP/1.1\r\nHost: a\r\n${KEY}\r\n${lines}\r\n\r\n${body}`;
  it.each([
    chat('Content-Length: 2\r\nTransfer-Encoding: chunked', `0\r\n\r\n${smuggle}`),
    chat('Transfer-Encoding: chunked\r\nContent-Length: 2', `0\r\n\r\n${smuggle}`),
    chat('Content-Length: 2\r\nContent-Length: 3', `{}${smuggle}`),
    chat('Content-Length: +2', '{}'),
    chat('Content-Length: -2', '{}'),
    chat('Content-Length: 0x2', '{}'),
    chat('Content-Length : 2', '{}'),
    chat('Transfer-Encoding: xchunked', '0\r\n\r\n'),
    chat('Transfer-Encoding: chunked, identity', '0\r\n\r\n'),
    chat('Transfer-Encoding: chunked', `zz\r\n${smuggle}`),
    chat('Transfer-Encoding: chunked', `-1\r\n${smuggle}`),
    chat('X-A: b\nX-B: c\r\n X: folded', '{}'),
    chat('X-A: a\0b', '{}'),
    chat('X A: b', '{}'),
    chat(': b', '{}'),
    `POST ${CHAT}  HTTP/1.1\r\nHost: a\r\n\r\n`,
    `POST ${CHAT} HTTP/9.9\r\nHost: a\r\n\r\n`,
    `post ${CHAT} HTTP/1.1\r\nHost: a\r\n\r\n`,
    `POST ${CHAT} HTTP/1.1\nHost: a\n\n`,
    `POST ${CHAT}\r\n\r\n`,
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n',
    `CONNECT evil.example:443 HTTP/1.1\r\nHost: a\r\n${KEY}\r\n\r\n`,
    `GET /gateway/openai/${'x'.repeat(70_000)} HTTP/1.1\r\nHost: a\r\n${KEY}\r\n\r\n`,
  ])('reaches no provider and ends the connection: %.90j', async (text) => {
    const before = upstream.requests.length;
    const client = await connect(gateway.url);
    client.socket.write(Buffer.from(text, 'latin1'));
    client.socket.end();
    const { bytes } = await client.ended();
    expect(bytes.toString()).not.toMatch(/HTTP\/1\.1 200/);
    expect(upstream.requests).toHaveLength(before);
  });
});
