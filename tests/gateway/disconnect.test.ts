/** Clients that go away or read slowly, providers that never end: nothing leaks, nothing hangs. */
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it } from 'vitest';
import {
  FARTHING_KEY,
  type GatewayTestOptions,
  type GatewayUnderTest,
  startGatewayUnderTest,
} from './gateway-under-test.ts';
import {
  connect,
  post,
  type RawUpstream,
  readAnswer,
  type SeenRequest,
  startRawUpstream,
} from './raw-http.ts';

const KEY = `x-farthing-key: ${FARTHING_KEY}`;
const CHAT = '/gateway/openai/v1/chat/completions';
const STREAM = { model: 'gpt-5-mini', messages: [], stream: true, stream_options: { include_usage: true } };
const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';
const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const piece = (text: string) =>
  chunk(
    `data: {"id":"c1","object":"chat.completion.chunk","model":"gpt-5-mini","choices":[{"index":0,"delta":{"content":"${text}"}}]}\n\n`,
  );
const REST = `${chunk('data: {"id":"c1","object":"chat.completion.chunk","model":"gpt-5-mini","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}\n\n')}${chunk('data: [DONE]\n\n')}0\r\n\r\n`;

let upstream: RawUpstream;
let gateway: GatewayUnderTest;
async function start(answer: (request: SeenRequest) => void, options: GatewayTestOptions = {}) {
  upstream = await startRawUpstream(answer);
  gateway = await startGatewayUnderTest({ upstream: upstream.url, ...options });
}
afterEach(async () => {
  await gateway.close();
  await upstream.quiet();
  await upstream.close();
});

setFlagsFromString('--expose-gc');
/** Without it the test would measure how lazy the collector is. */
const collectGarbage = runInNewContext('gc') as () => void;

async function ask(body: unknown = STREAM, headers: readonly string[] = []) {
  const client = await connect(gateway.url);
  client.socket.write(post(CHAT, body, [KEY, ...headers]));
  return client;
}

describe('a client that goes away', () => {
  it('before the provider answered: the provider is let go, the event says so', async () => {
    await start(() => undefined);
    const client = await ask();
    await upstream.request(0);
    client.socket.destroy();
    expect(await gateway.event()).toMatchObject({
      status: 'aborted',
      source: 'none',
      anomalies: [{ code: 'client_disconnected' }],
    });
    await upstream.quiet();
  });

  it('while it sends: nothing goes up, nothing is recorded', async () => {
    await start(() => undefined);
    const client = await connect(gateway.url);
    client.socket.write(post(CHAT, STREAM, [KEY]).subarray(0, -5));
    await sleep(20);
    client.socket.destroy();
    const other = await connect(gateway.url);
    other.socket.write('GET /nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await other.ended();
    expect([upstream.connections, gateway.events.length]).toEqual([0, 0]);
  });

  it('amid a stream: the provider is let go at once, the event is an estimate of what was said', async () => {
    await start(({ socket }) => socket.write(HEAD + piece('one') + piece('two')));
    const client = await ask();
    await client.until((bytes) => bytes.includes('two'));
    client.socket.destroy();
    expect(await gateway.event()).toMatchObject({
      status: 'aborted',
      model: 'gpt-5-mini',
      responseId: 'c1',
      source: 'estimated',
      segments: [{ quantities: { input_uncached: 3, output_text: 2 } }],
      anomalies: [{ code: 'estimated_usage' }, { code: 'client_disconnected' }],
    });
    await upstream.quiet();
  });

  it('amid a stream, with read_on: its usage is read to the end', async () => {
    await start(({ socket }) => socket.write(HEAD + piece('one')), {
      settings: { onClientDisconnect: 'read_on' },
    });
    const client = await ask();
    await client.until((bytes) => bytes.includes('one'));
    client.socket.destroy();
    await client.ended();
    (await upstream.request(0)).socket.write(piece('x'.repeat(500_000)) + REST);
    expect(await gateway.event()).toMatchObject({
      status: 'aborted',
      source: 'reported',
      rawUsage: { prompt_tokens: 3, completion_tokens: 2 },
      anomalies: [{ code: 'client_disconnected' }],
    });
  });

  it('with read_on, from a provider that never ends: it is let go after the bound', async () => {
    await start(({ socket }) => socket.write(HEAD + piece('one')), {
      settings: { onClientDisconnect: 'read_on', readOnMs: 50 },
    });
    const client = await ask();
    await client.until((bytes) => bytes.includes('one'));
    client.socket.destroy();
    expect(await gateway.event()).toMatchObject({ status: 'aborted' });
    await upstream.quiet();
  });

  it('with read_on, when the server stops: the stop does not wait for the provider', async () => {
    await start(({ socket }) => socket.write(HEAD + piece('one')), {
      settings: { onClientDisconnect: 'read_on', readOnMs: 3_600_000 },
    });
    const client = await ask();
    await client.until((bytes) => bytes.includes('one'));
    client.socket.destroy();
    await gateway.close();
    expect(gateway.events).toHaveLength(1);
  });

  it.each(['abort', 'read_on'] as const)(
    'after the last event and before the end of the connection: the call was whole (%s)',
    async (onClientDisconnect) => {
      await start(({ socket }) => socket.write(HEAD + piece('one') + REST.replace('0\r\n\r\n', '')), {
        settings: { onClientDisconnect },
      });
      const client = await ask();
      await client.until((bytes) => bytes.includes('[DONE]'));
      client.socket.destroy();
      await upstream.quiet();
      expect(gateway.events).toHaveLength(1);
      expect(gateway.events[0]).toMatchObject({ status: 'ok', source: 'reported', anomalies: [] });
    },
  );

  it('by closing its half of the connection counts as gone', async () => {
    await start(({ socket }) => socket.write(HEAD + piece('one')));
    const client = await ask();
    await client.until((bytes) => bytes.includes('one'));
    client.socket.end();
    expect(await gateway.event()).toMatchObject({ status: 'aborted' });
    await upstream.quiet();
  });

  it('two hundred at once, at any moment: one event each, no connection left', async () => {
    await start(({ socket }) => {
      socket.write(HEAD + piece('one'));
      setTimeout(() => socket.writable && socket.write(piece('two') + REST), 15);
    });
    await Promise.all(
      Array.from({ length: 200 }, async (_, at) => {
        const client = await ask(STREAM);
        await upstream.request(0);
        await sleep((at * 7) % 60);
        client.socket.resetAndDestroy();
      }),
    );
    await gateway.close();
    expect(upstream.requests.length).toBeGreaterThan(0);
    // One that was given up while it was on its way up may have an event and not have arrived.
    expect(gateway.events.length).toBeGreaterThanOrEqual(upstream.requests.length);
    expect(gateway.events.length).toBeLessThanOrEqual(200);
    expect(new Set(gateway.events.map((event) => event.id)).size).toBe(gateway.events.length);
  });
});

describe('a client that reads slowly', () => {
  it('slows the provider down instead of filling memory', async () => {
    let sent = 0;
    await start(({ socket }) => {
      socket.write(HEAD);
      const more = () => {
        while (socket.writable && socket.write(piece('x'.repeat(65_536)))) sent += 65_536;
      };
      socket.on('drain', more);
      more();
    });
    const before = process.memoryUsage().arrayBuffers;
    const client = await ask();
    await client.until((bytes) => bytes.length > 0);
    client.socket.pause();
    await sleep(300);
    const held = sent;
    await sleep(300);
    expect(sent).toBe(held);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100_000_000);
    client.socket.destroy();
    expect(await gateway.event()).toMatchObject({ status: 'aborted' });
  });

  it('gets every byte in the end', async () => {
    const text = piece('y'.repeat(40_000)).repeat(200);
    await start(({ socket }) => socket.write(HEAD + text + REST));
    const client = await ask();
    for (let round = 0; round < 20; round += 1) {
      client.socket.pause();
      await sleep(3);
      client.socket.resume();
      await sleep(3);
    }
    const answer = readAnswer(await client.ended());
    expect(answer?.whole).toBe(true);
    const wanted = readAnswer({ bytes: Buffer.from(HEAD + text + REST), ended: 'open' })?.body;
    expect(wanted !== undefined && answer?.body.equals(wanted)).toBe(true);
    expect(gateway.events[0]).toMatchObject({ status: 'ok', source: 'reported' });
  });

  it('and takes nothing for longer than the bound is let go', async () => {
    await start(({ socket }) => socket.write(HEAD + piece('z'.repeat(30_000_000))), {
      settings: { upstreamTimeoutMs: 1_000 },
    });
    const client = await ask();
    await client.until((bytes) => bytes.length > 0);
    client.socket.pause();
    expect(await gateway.event()).toMatchObject({ status: 'aborted' });
    await upstream.quiet();
  });
});

describe('a provider', () => {
  it('that falls silent amid a stream is let go after the bound, and the client sees the cut', async () => {
    await start(({ socket }) => socket.write(HEAD + piece('one')), {
      settings: { upstreamTimeoutMs: 1_000 },
    });
    const client = await ask();
    const answer = readAnswer(await client.ended());
    expect(answer?.whole).toBe(false);
    expect(answer?.body.toString()).toContain('one');
    expect(gateway.events[0]).toMatchObject({
      status: 'aborted',
      source: 'estimated',
      anomalies: [{ code: 'estimated_usage' }, { code: 'upstream_cut' }],
    });
    await upstream.quiet();
  });

  it('whose stream never ends costs no memory', async () => {
    await start(({ socket }) => {
      socket.write(HEAD);
      const block = piece('x'.repeat(1_000)).repeat(64);
      const more = () => {
        while (socket.writable && socket.write(block));
      };
      socket.on('drain', more);
      more();
    });
    const client = await connect(gateway.url);
    let received = 0;
    client.socket.removeAllListeners('data');
    client.socket.on('data', (bytes) => {
      received += bytes.length;
    });
    client.socket.write(post(CHAT, { ...STREAM, stream_options: undefined }, [KEY]));
    const heap = async (bytes: number) => {
      while (received < bytes) await sleep(5);
      // Chunks on their way count too, and their number changes: what is kept is in the smallest of some readings.
      const readings: number[] = [];
      while (readings.length < 10) {
        collectGarbage();
        const { heapUsed, arrayBuffers } = process.memoryUsage();
        readings.push(heapUsed + arrayBuffers);
        await new Promise(setImmediate);
      }
      return Math.min(...readings);
    };
    const early = await heap(10_000_000);
    const late = await heap(70_000_000);
    expect(late - early).toBeLessThan(20_000_000);
    client.socket.destroy();
    expect(await gateway.event()).toMatchObject({ status: 'aborted' });
  });
});

it('calls that are under way finish while the server stops; new ones are refused', async () => {
  await start(({ socket }) => socket.write(HEAD + piece('one')));
  const clients = await Promise.all(Array.from({ length: 20 }, () => ask(STREAM)));
  for (const client of clients) await client.until((bytes) => bytes.includes('one'));
  gateway.drain();
  const late = await ask();
  const refusal = readAnswer(await late.ended());
  expect(refusal?.statusLine).toContain('503');
  expect(refusal?.headers).toContain('retry-after: 2');
  for (const { socket } of upstream.requests) socket.write(REST);
  for (const client of clients) expect(readAnswer(await client.ended())?.whole).toBe(true);
  expect(gateway.events.map((event) => event.status)).toEqual(Array(20).fill('ok'));
});
