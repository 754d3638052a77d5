import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../../tests/server/test-server.ts';
import { loadConfig } from './config.ts';
import { pickEnv } from './env.ts';
import { createLog } from './log.ts';
import { startServer } from './main.ts';

const event = (id: string) => ({
  id,
  provider: 'openai',
  model: 'gpt-4o',
  usage: { prompt_tokens: 100, completion_tokens: 10 },
});
const post = (server: TestServer, body: unknown, key = server.adminKey) =>
  fetch(`${server.server.url}/api/usage/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

/** Opens a stream and hands over its messages one by one. */
async function listen(server: TestServer, key: string, query = '') {
  const response = await fetch(`${server.server.url}/api/usage/stream${query}`, {
    headers: { authorization: `Bearer ${key}` },
  });
  const reader = (response.body ?? new ReadableStream<Uint8Array>())
    .pipeThrough(new TextDecoderStream())
    .getReader();
  let text = '';
  return {
    response,
    /** The ids of the next usage message; null when the stream ended. */
    async next(): Promise<string[] | null> {
      for (;;) {
        const found = /event: usage\ndata: (.*)\n\n/.exec(text);
        if (found !== null) {
          text = text.slice(found.index + found[0].length);
          return (JSON.parse(found[1] ?? '') as { events: { id: string }[] }).events.map(({ id }) => id);
        }
        const { value, done } = await reader.read();
        if (done) return null;
        text += value;
      }
    },
    close: () => reader.cancel(),
  };
}

describe('a running server', () => {
  let test: TestServer;
  beforeAll(async () => {
    test = await startTestServer();
  });
  afterAll(() => test.stop());

  it('listens on the port it names', async () => {
    expect(test.server.url).toBe(`http://127.0.0.1:${test.server.port}`);
    expect((await fetch(`${test.server.url}/readyz`)).status).toBe(200);
  });

  it('tells its streams of committed events, each tenant of its own only', async () => {
    const acme = await listen(test, test.acmeKey);
    const all = await listen(test, test.adminKey);
    expect(acme.response.headers.get('content-type')).toContain('text/event-stream');
    await post(test, event('g1'), test.globexKey);
    expect(await all.next()).toEqual(['g1']);
    await post(test, event('a1'), test.acmeKey);
    expect(await acme.next()).toEqual(['a1']);
    await Promise.all([acme.close(), all.close()]);
  });

  it('does not open a stream of another tenant', async () => {
    const foreign = await listen(test, test.acmeKey, '?tenant=globex');
    expect(foreign.response.status).toBe(403);
  });

  it.each([
    ['no HTTP at all', 'hello\r\n\r\n'],
    ['two lengths', 'POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    [
      'length and chunks',
      'POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['endless headers', `GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`],
  ])('answers %s with an error of the usual form and hangs up', async (_name, text) => {
    const socket = connect(test.server.port, '127.0.0.1');
    socket.end(text);
    let answer = '';
    socket.on('data', (chunk) => {
      answer += String(chunk);
    });
    await once(socket, 'close');
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(answer).toContain('"success":false');
  });
});

describe('stopping', () => {
  it('finishes what was accepted, ends streams, keeps every acknowledged event', async () => {
    const test = await startTestServer();
    const stream = await listen(test, test.adminKey);
    // Says nothing: must not hold up the stop.
    const silent = connect(test.server.port, '127.0.0.1').on('error', () => undefined);
    await once(silent, 'connect');
    const asked = Array.from({ length: 40 }, (_, n) =>
      post(test, event(`d${n}`)).then((answer) => [n, answer.status] as const),
    );
    const stopped = Promise.race(asked).then(() => test.server.stop());
    const answers = await Promise.allSettled(asked);
    await stopped;
    while ((await stream.next()) !== null);
    const acknowledged = answers.flatMap((one) =>
      one.status === 'fulfilled' && one.value[1] === 200 ? [`d${one.value[0]}`] : [],
    );
    expect(acknowledged.length).toBeGreaterThan(0);
    await expect(fetch(`${test.server.url}/healthz`)).rejects.toThrow();
    const { createDatabase } = await import('./db/database.ts');
    const { log, config } = test.server.context;
    const database = createDatabase({ connectionString: config.database.url ?? '', log });
    const { rows } = await database.asOperator((tx) =>
      tx.query<{ id: string }>('select id from usage_events'),
    );
    await database.close();
    await test.stop();
    const kept = rows.map(({ id }) => id);
    expect(kept).toEqual(expect.arrayContaining(acknowledged));
    expect(new Set(kept).size).toBe(kept.length);
  });

  it('writes down when a session of the dashboard was last used', async () => {
    const test = await startTestServer();
    const { app, context } = test.server;
    const token = await context.sessions.createLink({ role: 'admin' }, 'test');
    const signedIn = await app.inject({ method: 'GET', url: `/login?token=${token}` });
    const cookie = String(signedIn.headers['set-cookie']).split(';')[0] ?? '';
    const { createDatabase } = await import('./db/database.ts');
    const database = createDatabase({
      connectionString: context.config.database.url ?? '',
      log: context.log,
    });
    const aged = "update sessions set last_seen_at = now() - interval '1 hour'";
    await database.asOwner((tx) => tx.query(`set local role farthing_operator; ${aged}`));
    const used = await app.inject({ method: 'GET', url: '/api/usage/events?limit=1', headers: { cookie } });
    expect(used.statusCode).toBe(200);
    await test.server.stop();
    const { rows } = await database.asOperator((tx) =>
      tx.query<{ recent: boolean }>(
        "select last_seen_at > now() - interval '10 minutes' as recent from sessions",
      ),
    );
    expect(rows).toEqual([{ recent: true }]);
    await database.close();
    await test.stop();
  });

  it('says what to do when the port is taken, and leaves nothing running', async () => {
    const test = await startTestServer();
    await expect(startTestServer({ PORT: String(test.server.port) })).rejects.toThrow(/is taken.*set PORT/);
    await test.stop();
  });

  it('looks at the port before anything else: neither the data folder nor the database is touched', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const parent = await mkdtemp(join(tmpdir(), 'farthing-port-'));
    const dataDir = join(parent, 'data');
    const { port } = taken.address() as AddressInfo;
    const config = loadConfig(pickEnv({ PORT: String(port), FARTHING_DATA_DIR: dataDir }));
    const log = createLog({ level: 'silent' });
    await expect(startServer(config, { log })).rejects.toThrow(`Port ${port} on 127.0.0.1 is taken`);
    expect(existsSync(dataDir)).toBe(false);
    taken.close();
    await rm(parent, { recursive: true });
  });

  it('says what to do where the address is not one of this machine', async () => {
    await expect(startTestServer({ HOST: '203.0.113.1' })).rejects.toThrow(
      /no address 203\.0\.113\.1: set HOST/,
    );
  });

  it('says once where it listens', async () => {
    const test = await startTestServer();
    const said = test.lines.filter((line) => /listening/i.test(line));
    expect(said.map((line) => JSON.parse(line))).toMatchObject([
      { msg: 'Farthing is listening', url: test.server.url, database: 'external' },
    ]);
    await test.stop();
  });
});
