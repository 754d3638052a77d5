/** Calls that hang, leave or break: whoever makes them, others get through, and no place is lost. */
import { afterEach, describe, expect, it } from 'vitest';
import { makeIdentity } from '../../packages/server/src/tenants/identity.ts';
import {
  type GatewayTestOptions,
  type GatewayUnderTest,
  startGatewayUnderTest,
} from '../gateway/gateway-under-test.ts';
import {
  connect,
  type RawClient,
  type RawUpstream,
  rawCall,
  readAnswer,
  type SeenRequest,
  startRawUpstream,
} from '../gateway/raw-http.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}';

let upstream: RawUpstream;
let gateway: GatewayUnderTest;
const clients: RawClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.destroy();
  await gateway.close();
  await upstream.close();
});

/** Keys are `tenant/name`. */
async function start(answer: (request: SeenRequest) => void, options: GatewayTestOptions = {}) {
  upstream = await startRawUpstream(answer);
  gateway = await startGatewayUnderTest({
    upstream: upstream.url,
    identify: async (key) =>
      makeIdentity({ keyId: key, role: 'member', tenantId: key.slice(0, key.indexOf('/')) }),
    ...options,
  });
}

const get = (key: string, path: string, provider = 'openai') =>
  `GET /gateway/${provider}${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nx-farthing-key: ${key}\r\n\r\n`;

async function ask(request: string | Buffer): Promise<RawClient> {
  const client = await connect(gateway.url);
  clients.push(client);
  client.socket.write(request);
  return client;
}

async function status(request: string): Promise<number> {
  const answer = readAnswer(await rawCall(gateway.url, request));
  return Number(answer?.statusLine.split(' ')[1]);
}

const statuses = (count: number, request: string) =>
  Promise.all(Array.from({ length: count }, () => status(request)));

const hangs = ({ head, socket }: SeenRequest) => {
  if (!head.includes('/hang')) socket.write(OK);
};

describe('1,100 calls of one key that hang', () => {
  it('stop neither another tenant nor another key of the same; when they end no place is lost', async () => {
    await start(hangs, { settings: { waitMs: 300 } });
    const { openai } = gateway.rooms.calls;
    const hanging = await Promise.all(Array.from({ length: 1_100 }, () => ask(get('acme/loud', '/v1/hang'))));
    await expect.poll(() => openai.read().taken).toBeGreaterThan(600);
    expect(await statuses(10, get('globex/one', '/v1/models'))).toEqual(Array(10).fill(200));
    expect(await statuses(10, get('acme/other', '/v1/models'))).toEqual(Array(10).fill(200));
    // Calls beyond its share waited until they were refused, with the time to retry.
    await expect.poll(() => openai.read().waiting).toBe(0);
    const { taken, refused } = openai.read();
    expect(refused).toEqual({ share: 1_100 - taken, full: 0 });
    const told = hanging
      .map((client) => readAnswer({ bytes: client.received(), ended: 'open' }))
      .filter((answer) => answer !== null);
    await expect
      .poll(() => hanging.filter((client) => client.received().length > 0).length)
      .toBe(1_100 - taken);
    expect(told[0]?.statusLine).toBe('HTTP/1.1 429 Too Many Requests');
    expect(told[0]?.headers).toContain('retry-after: 5');
    expect(JSON.parse(told[0]?.body.toString() ?? '')).toMatchObject({ error: { code: 'too_many_calls' } });

    for (const { socket } of upstream.requests) if (socket.writable) socket.write(OK);
    for (const [at, client] of hanging.entries()) if (at % 3 === 0) client.socket.resetAndDestroy();
    await expect.poll(() => openai.read()).toMatchObject({ taken: 0, waiting: 0 });
    expect(await status(get('acme/loud', '/v1/models'))).toBe(200);
  });

  it('leave the other provider to the same key', async () => {
    await start(hangs, { settings: { waitMs: 0, calls: 30 } });
    await Promise.all(Array.from({ length: 60 }, () => ask(get('acme/loud', '/v1/hang'))));
    await expect.poll(() => gateway.rooms.calls.openai.read().taken).toBe(10);
    expect(await status(get('acme/loud', '/v1/models'))).toBe(429);
    expect(await status(get('acme/loud', '/v1/models', 'anthropic'))).toBe(200);
  });
});

describe('a call without room', () => {
  it('waits, and goes up as soon as there is some', async () => {
    await start(hangs, { settings: { calls: 1 } });
    await ask(get('acme/a', '/v1/hang'));
    const { socket } = await upstream.request(0);
    const waiting = status(get('acme/a', '/v1/models'));
    await expect.poll(() => gateway.rooms.calls.openai.read().waiting).toBe(1);
    socket.write(OK);
    expect(await waiting).toBe(200);
  });

  it('whose client leaves is forgotten, and never goes up', async () => {
    await start(hangs, { settings: { calls: 1 } });
    await ask(get('acme/a', '/v1/hang'));
    await upstream.request(0);
    const client = await ask(get('acme/a', '/v1/models'));
    await expect.poll(() => gateway.rooms.calls.openai.read().waiting).toBe(1);
    client.socket.destroy();
    await expect.poll(() => gateway.rooms.calls.openai.read().waiting).toBe(0);
    expect(upstream.requests).toHaveLength(1);
  });

  it('where others have it all is told so in the provider’s shape', async () => {
    await start(hangs, { settings: { calls: 1, waiting: 0 } });
    await ask(get('acme/a', '/v1/hang'));
    await upstream.request(0);
    const answer = readAnswer(await rawCall(gateway.url, get('globex/a', '/v1/models')));
    expect(answer?.statusLine).toBe('HTTP/1.1 503 Service Unavailable');
    expect(answer?.headers).toContain('retry-after: 5');
    expect(JSON.parse(answer?.body.toString() ?? '')).toMatchObject({ error: { code: 'overloaded' } });
  });

  it('is refused at once when the server stops, and does not hold the stop up', async () => {
    await start(hangs, { settings: { calls: 1, waitMs: 600_000 } });
    await ask(get('acme/a', '/v1/hang'));
    const { socket } = await upstream.request(0);
    const waiting = status(get('acme/a', '/v1/models'));
    await expect.poll(() => gateway.rooms.calls.openai.read().waiting).toBe(1);
    const closed = gateway.close();
    expect(await waiting).toBe(503);
    socket.write(OK);
    await closed;
  });
});

describe('memory for bodies', () => {
  const chat = (key: string, bytes: number, framing = `Content-Length: ${bytes}`) =>
    `POST /gateway/openai/v1/chat/completions HTTP/1.1\r\nHost: a\r\nConnection: close\r\nx-farthing-key: ${key}\r\n${framing}\r\n\r\n`;
  const body = (bytes: number) => `{"model":"m","prompt":"${'x'.repeat(bytes - 25)}"}`;
  const MB = 1_000_000;

  it.each(['stated', 'in chunks'])(
    'is never exceeded by large bodies at once, which wait unread while small calls pass: %s',
    async (how) => {
      // The provider takes its time with each, so that they meet.
      const held: SeenRequest[] = [];
      await start(
        (request) => {
          if (request.body.length > MB) held.push(request);
          else request.socket.write(OK);
        },
        { settings: { memoryBytes: 12 * MB, bodyLimitBytes: 4 * MB, waitMs: 60_000 } },
      );
      const text = body(3 * MB);
      const large =
        how === 'stated'
          ? chat('acme/loud', text.length) + text
          : `${chat('acme/loud', 0, 'Transfer-Encoding: chunked')}${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`;
      const asked = Array.from({ length: 12 }, () => rawCall(gateway.url, large));
      let peak = 0;
      for (let answered = 0; answered < 12; answered += 1) {
        await expect.poll(() => held.length).toBeGreaterThan(0);
        peak = Math.max(peak, gateway.rooms.memory.read().taken);
        if (answered % 4 === 0)
          expect(await statuses(3, chat('globex/a', 40) + body(40))).toEqual([200, 200, 200]);
        held.shift()?.socket.write(OK);
      }
      for (const answer of await Promise.all(asked)) expect(readAnswer(answer)?.statusLine).toContain('200');
      expect(peak).toBeGreaterThan(0);
      expect(peak).toBeLessThanOrEqual(12 * MB);
      await expect.poll(() => gateway.rooms.memory.read()).toMatchObject({ taken: 0, waiting: 0 });
    },
  );

  it.each(['stated', 'in chunks'])(
    'that does not come free in time is a refusal that the client hears: %s',
    async (how) => {
      await start(() => undefined, { settings: { memoryBytes: 4 * MB, bodyLimitBytes: 4 * MB, waitMs: 50 } });
      const text = body(4 * MB);
      const framing = how === 'stated' ? `Content-Length: ${text.length}` : 'Transfer-Encoding: chunked';
      const framed = how === 'stated' ? text : `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`;
      await ask(chat('acme/a', 0, framing) + framed);
      await upstream.request(0);
      const answer = readAnswer(await rawCall(gateway.url, chat('globex/a', 0, framing) + framed));
      expect(answer?.statusLine).toContain('503');
      expect(answer?.headers).toContain('retry-after: 5');
      expect(gateway.rooms.memory.read()).toMatchObject({ waiting: 0, refused: { full: 1 } });
    },
  );
});
