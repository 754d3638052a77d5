import { fastify } from 'fastify';
import { afterAll, expect, test } from 'vitest';
import { createStreamHub } from './sse.ts';

let allowed: () => Promise<boolean> = async () => true;
const hub = createStreamHub({ maxClients: 8, heartbeatMs: 20 });
let holder = { tenant: 'acme', key: 'k1' };
const app = fastify({ forceCloseConnections: true });
app.get('/stream', (_request, reply) => {
  hub.open(reply, holder, () => allowed());
});
const address = app.listen({ port: 0, host: '127.0.0.1' });
afterAll(async () => {
  hub.close();
  await app.close();
});

/** Opens a stream and resolves with everything it said once it is over. */
async function follow(): Promise<{ readonly over: Promise<string>; readonly stop: () => void }> {
  const stopper = new AbortController();
  const answer = await fetch(`${await address}/stream`, { signal: stopper.signal });
  return { over: answer.text(), stop: () => stopper.abort() };
}

test('a stream ends when its caller may no longer read', async () => {
  allowed = async () => true;
  const { over } = await follow();
  expect(hub.size).toBe(1);
  allowed = async () => false;
  expect(await over).toMatch(/^retry: 2000\n\n/);
  expect(hub.size).toBe(0);
});

test('a stream stays open while nobody can say whether it may', async () => {
  let asked = 0;
  const twice = Promise.withResolvers<void>();
  allowed = () => {
    if (++asked === 3) twice.resolve();
    return Promise.reject(new Error('the database is away'));
  };
  const { over, stop } = await follow();
  await twice.promise;
  expect(hub.size).toBe(1);
  stop();
  await expect(over).rejects.toThrow();
});

test('a key has a quarter of the streams and a tenant half; the others keep theirs, and what ends is free again', async () => {
  allowed = async () => true;
  const stops: (() => void)[] = [];
  const openAs = async (tenant: string, key: string) => {
    holder = { tenant, key };
    const { stop, over } = await follow();
    over.catch(() => undefined);
    stops.push(stop);
  };
  const refusedAs = async (tenant: string, key: string) => {
    holder = { tenant, key };
    const answer = await fetch(`${await address}/stream`);
    expect(answer.status).toBe(429);
    return ((await answer.json()) as { code: string }).code;
  };
  await expect.poll(() => hub.size).toBe(0);
  await openAs('acme', 'k1');
  await openAs('acme', 'k1');
  expect(await refusedAs('acme', 'k1')).toBe('rate_limited');
  await openAs('acme', 'k2');
  await openAs('acme', 'k2');
  expect(await refusedAs('acme', 'k3')).toBe('rate_limited');
  await openAs('globex', 'k1');
  expect(hub.size).toBe(5);
  stops[0]?.();
  await expect.poll(() => hub.size).toBe(4);
  await openAs('acme', 'k1');
  for (const stop of stops) stop();
  await expect.poll(() => hub.size).toBe(0);
});
