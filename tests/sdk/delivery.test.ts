import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type DeliveryError, Farthing } from '@farthing/sdk';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ScriptedProvider, startScriptedProvider } from '../provider/scripted-provider.ts';
import { type Collector, startCollector } from './collector.ts';

let provider: ScriptedProvider;
let collector: Collector;
const clients: Farthing[] = [];
const errors: DeliveryError[] = [];

beforeAll(async () => {
  provider = await startScriptedProvider();
});
afterAll(() => provider.close());
beforeEach(async () => {
  collector = await startCollector();
  errors.length = 0;
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close({ timeoutMs: 50 })));
  await collector.close();
});

function start(options: ConstructorParameters<typeof Farthing>[0] = {}): Farthing {
  const client = new Farthing({
    url: collector.url,
    apiKey: 'k',
    onError: (error) => errors.push(error),
    ...options,
  });
  clients.push(client);
  return client;
}

const event = { provider: 'openai', model: 'gpt-4o-mini', usage: { prompt_tokens: 1, completion_tokens: 1 } };
const chat = { model: 'gpt-4o-mini', messages: [{ role: 'user' as const, content: 'hello' }] };

describe('batches', () => {
  test('a full batch goes at once, the rest with the interval', async () => {
    const farthing = start({ batchSize: 10, flushIntervalMs: 80 });
    for (let at = 0; at < 25; at += 1) farthing.record(event);
    await expect.poll(() => collector.events.length).toBe(25);
    expect(collector.requests.every((request) => request.count <= 10)).toBe(true);
    expect(farthing.stats()).toMatchObject({ recorded: 25, delivered: 25, queued: 0, queuedBytes: 0 });
  });

  test('large ones are compressed and arrive whole', async () => {
    const farthing = start({ batchSize: 1000 });
    const ids = Array.from({ length: 400 }, () => farthing.record(event));
    expect(await farthing.flush()).toBe(true);
    expect(collector.requests[0]?.headers['content-encoding']).toBe('gzip');
    expect(collector.events.map((one) => one.id)).toEqual(ids);
  });

  test('ids are unique, sort by time and are UUIDs of version 7', () => {
    const farthing = start();
    const ids = Array.from({ length: 500 }, () => farthing.record(event) ?? '');
    expect(new Set(ids).size).toBe(500);
    expect(
      ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)),
    ).toBe(true);
    const times = ids.map((id) => id.slice(0, 13));
    expect(times).toEqual(times.toSorted());
  });
});

describe('a model call succeeds, and its event is delivered later, with the server', () => {
  const call = (farthing: Farthing) =>
    farthing
      .track(new OpenAI({ baseURL: provider.openaiUrl, apiKey: 'any', maxRetries: 0 }))
      .chat.completions.create(chat);

  test('answering 500, then healthy: nothing lost, nothing twice', async () => {
    collector.manner.status = 500;
    const farthing = start({ flushIntervalMs: 5 });
    for (let at = 0; at < 5; at += 1) expect((await call(farthing)).object).toBe('chat.completion');
    await expect.poll(() => farthing.stats().retries).toBeGreaterThan(0);
    delete collector.manner.status;
    expect(await farthing.flush()).toBe(true);
    expect(collector.events).toHaveLength(5);
    expect(farthing.stats()).toMatchObject({ delivered: 5, dropped: 0, rejected: 0 });
  });

  test('down', async () => {
    const farthing = start({ url: 'http://127.0.0.1:9', flushIntervalMs: 5 });
    expect((await call(farthing)).object).toBe('chat.completion');
    expect(await farthing.flush({ timeoutMs: 200 })).toBe(false);
    expect(errors[0]).toMatchObject({ kind: 'unreachable' });
    expect(farthing.stats()).toMatchObject({ queued: 1, delivered: 0 });
  });

  test('slow by five seconds: the call does not wait for it', async () => {
    collector.manner.delayMs = 5000;
    const farthing = start({ batchSize: 1 });
    const answers = [await call(farthing), await call(farthing), await call(farthing)];
    expect(answers).toHaveLength(3);
    expect(farthing.stats().delivered).toBe(0);
  });

  test('losing the answer: the events are sent again under the same ids', async () => {
    const farthing = start({ requestTimeoutMs: 100, batchSize: 1, flushIntervalMs: 5 });
    collector.manner.delayMs = 300;
    await call(farthing);
    await expect.poll(() => farthing.stats().retries).toBeGreaterThan(0);
    delete collector.manner.delayMs;
    await expect.poll(() => farthing.flush()).toBe(true);
    expect(collector.events).toHaveLength(1);
    expect(collector.requests.length).toBeGreaterThan(1);
  });
});

describe('refusals', () => {
  test('of one event: dropped, counted, told; the others of its batch are in', async () => {
    collector.manner.refuseModel = 'bad';
    const farthing = start();
    farthing.record(event);
    const id = farthing.record({ ...event, model: 'bad' });
    farthing.record(event);
    expect(await farthing.flush()).toBe(true);
    expect(farthing.stats()).toMatchObject({ delivered: 2, rejected: 1, queued: 0 });
    expect(errors).toEqual([{ kind: 'rejected', message: 'invalid_event: refused', eventIds: [id] }]);
  });

  test('of the key: told with advice, not tried for ever', async () => {
    collector.manner.status = 401;
    const farthing = start();
    farthing.record(event);
    await farthing.flush();
    expect(farthing.stats()).toMatchObject({ rejected: 1, queued: 0 });
    expect(errors[0]?.message).toContain('FARTHING_API_KEY');
  });

  test('429 with Retry-After: the next try waits for it', async () => {
    collector.manner.status = 429;
    collector.manner.headers = { 'retry-after': '60' };
    const farthing = start({ batchSize: 1 });
    farthing.record(event);
    await expect.poll(() => collector.requests.length).toBe(1);
    await expect.poll(() => farthing.stats().retries).toBe(1);
    farthing.record(event);
    await new Promise((done) => setTimeout(done, 100));
    expect(collector.requests).toHaveLength(1);
  });

  test('413: the batch is halved until it fits', async () => {
    const farthing = start({
      batchSize: 8,
      fetch: async (url, init) => {
        const count = (JSON.parse(String(init?.body)) as unknown[]).length;
        return count > 2 ? new Response('{}', { status: 413 }) : fetch(url, init);
      },
    });
    for (let at = 0; at < 8; at += 1) farthing.record(event);
    expect(await farthing.flush()).toBe(true);
    expect(collector.events).toHaveLength(8);
  });
});

describe('bounds', () => {
  test('the queue stays within its bytes; what is too much is dropped, counted and told', async () => {
    const farthing = start({ url: 'http://127.0.0.1:9', maxQueueBytes: 20_000 });
    for (let at = 0; at < 500; at += 1) farthing.record(event);
    await farthing.flush({ timeoutMs: 50 });
    const stats = farthing.stats();
    expect(stats.queuedBytes).toBeLessThanOrEqual(20_000);
    expect(stats.queued).toBeGreaterThan(10);
    expect(stats.dropped + stats.queued).toBe(500);
    expect(errors.filter((error) => error.kind === 'dropped')).toHaveLength(stats.dropped);
  });

  test('a callback that throws and an event that cannot be serialised stop nothing', async () => {
    const farthing = start({
      onError: () => {
        throw new Error('mine');
      },
    });
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    farthing.record({ ...event, metadata: circular });
    farthing.record(event);
    expect(await farthing.flush()).toBe(true);
    expect(collector.events).toHaveLength(1);
  });

  test('a client that is none of ours is returned as it is, and told', () => {
    const farthing = start();
    const stranger = { hello: 1 };
    expect(farthing.track(stranger)).toBe(stranger);
    expect(errors[0]?.message).toContain('cannot be tracked');
  });

  test('after close, events are dropped and counted', async () => {
    const farthing = start();
    await farthing.close();
    farthing.record(event);
    await expect.poll(() => farthing.stats().dropped).toBe(1);
  });
});

describe('at the end of a process', () => {
  const child = fileURLToPath(new URL('./child.ts', import.meta.url));
  const run = (mode: string) =>
    spawn(process.execPath, [child, mode, collector.url], { stdio: ['ignore', 'pipe', 'inherit'] });

  test('events still waiting are delivered, and it ends by itself', async () => {
    const [code] = await once(run('exit'), 'exit');
    expect(code).toBe(0);
    expect(collector.events).toHaveLength(3);
  });

  test('SIGTERM: they are delivered, and the process still dies of the signal', async () => {
    const running = run('wait');
    await once(running.stdout, 'data');
    running.kill('SIGTERM');
    expect(await once(running, 'exit')).toEqual([null, 'SIGTERM']);
    expect(collector.events).toHaveLength(3);
  });

  test('SIGTERM with a handler of the program’s own: that one decides', async () => {
    const running = run('own-handler');
    await once(running.stdout, 'data');
    running.kill('SIGTERM');
    expect(await once(running, 'exit')).toEqual([7, null]);
    expect(collector.events).toHaveLength(3);
  });

  test('a dead server does not hold it up for ever', async () => {
    await collector.close();
    const [code] = await once(run('exit'), 'exit');
    collector = await startCollector();
    expect(code).toBe(0);
  });
});
