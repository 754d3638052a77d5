import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type ConnectionBounds, watchConnections } from './idle-connections.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A server with bounds; `/slow` is answered at the end. */
async function listening(bounds: ConnectionBounds) {
  const slow: ServerResponse[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    if (request.url === '/slow') slow.push(response);
    else response.end('here');
  });
  server.maxConnections = bounds.max;
  const closeIdle = watchConnections(server, bounds);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const sockets: Socket[] = [];
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
    server.closeAllConnections();
  });
  const open = async (): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    sockets.push(socket);
    await once(socket, 'connect');
    // The server has taken it on.
    await expect
      .poll(() => new Promise((resolve) => server.getConnections((_, n) => resolve(n))))
      .toBeGreaterThan(0);
    return socket;
  };
  const ask = async (socket: Socket, path = '/'): Promise<string> => {
    const answered = once(socket, 'data');
    socket.write(`GET ${path} HTTP/1.1\r\nhost: here\r\n\r\n`);
    return String(await answered).split('\r\n')[0] ?? '';
  };
  return { open, ask, slow, closeIdle };
}

test('silent connections shut nobody out: past the bound the oldest of them is closed', async () => {
  const { open, ask } = await listening({ max: 8, trustedProxies: ['127.0.0.0/8'] });
  const silent: Socket[] = [];
  for (let n = 0; n < 40; n++) silent.push(await open());
  expect(await ask(await open())).toBe('HTTP/1.1 200 OK');
  await expect.poll(() => silent.filter(({ readyState }) => readyState === 'open').length).toBeLessThan(8);
  expect(silent.at(-1)?.readyState).toBe('open');
});

test('one address holds a part of the silent connections alone; behind a proxy they are not counted apart', async () => {
  const bounds = { max: 64, trustedProxies: [] as string[] };
  for (const [trustedProxies, left] of [
    [[], 8],
    [['127.0.0.1'], 20],
  ] as const) {
    const { open } = await listening({ ...bounds, trustedProxies });
    const silent: Socket[] = [];
    for (let n = 0; n < 20; n++) silent.push(await open());
    await expect.poll(() => silent.filter(({ readyState }) => readyState === 'open').length).toBe(left);
  }
});

test('what is being answered is never closed for a newcomer; a resting connection is, after the silent ones', async () => {
  const { open, ask, slow } = await listening({ max: 4, trustedProxies: ['127.0.0.1'] });
  const resting = await open();
  expect(await ask(resting)).toBe('HTTP/1.1 200 OK');
  const busy = await open();
  const answered = once(busy, 'data');
  busy.write('GET /slow HTTP/1.1\r\nhost: here\r\n\r\n');
  await expect.poll(() => slow.length).toBe(1);
  const silent = await open();
  const newcomer = await open();
  await once(silent, 'close');
  expect(await ask(newcomer)).toBe('HTTP/1.1 200 OK');
  await open();
  await once(resting, 'close');
  slow[0]?.end('late');
  expect(String(await answered)).toContain('200 OK');
});

test('at a stop what has no request is closed, also what never sent one', async () => {
  const { open, ask, closeIdle } = await listening({ max: 64, trustedProxies: [] });
  const silent = await open();
  const resting = await open();
  await ask(resting);
  closeIdle();
  await Promise.all([once(silent, 'close'), once(resting, 'close')]);
});
