import { fastify } from 'fastify';
import { afterAll, expect, test } from 'vitest';
import { createStreamHub } from './sse.ts';

let allowed: () => Promise<boolean> = async () => true;
const hub = createStreamHub({ maxClients: 2, heartbeatMs: 20 });
const app = fastify();
app.get('/stream', (_request, reply) => {
  hub.open(reply, () => allowed());
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
