import { afterAll, describe, expect, test } from 'vitest';
import { createLog } from '../../log.ts';
import { createHttpServer } from '../server.ts';
import { clientAddress } from './client-address.ts';

const serverBehind = (trustedProxies: readonly string[]) => {
  const app = createHttpServer({
    log: createLog({ level: 'silent' }),
    identify: async () => null,
    requestTimeoutMs: 5_000,
    maxConnections: 10,
    trustedProxies,
    isDraining: () => false,
  });
  app.get('/address', { config: { access: 'public' } }, async (request) => clientAddress(request));
  return app;
};

const open = serverBehind([]);
const behind = serverBehind(['10.0.0.7', '10.1.0.0/16', 'fd00::/8']);
afterAll(() => Promise.all([open.close(), behind.close()]));

const seenBy = async (app: typeof open, remoteAddress: string, forwarded: string) =>
  (
    await app.inject({
      url: '/address',
      remoteAddress,
      headers: { 'x-forwarded-for': forwarded, 'x-real-ip': '203.0.113.99', forwarded: 'for=203.0.113.98' },
    })
  ).body;

describe('the address of a client', () => {
  test.each(['127.0.0.1', '10.0.0.7', '::1'])(
    'is the connection’s where no proxy is trusted, whatever its headers say: %s',
    async (address) => expect(await seenBy(open, address, '203.0.113.1')).toBe(address),
  );

  test.each(['10.0.0.7', '10.1.255.3', '::ffff:10.0.0.7', 'fd00::1'])(
    'is what a trusted proxy says: %s',
    async (proxy) => expect(await seenBy(behind, proxy, '203.0.113.1')).toBe('203.0.113.1'),
  );

  test.each(['10.0.0.8', '10.2.0.1', '127.0.0.1', 'fe80::1'])(
    'is the connection’s where it is no trusted proxy: %s',
    async (address) => expect(await seenBy(behind, address, '203.0.113.1')).toBe(address),
  );

  test('is what the outermost trusted proxy saw: what its client wrote before counts for nothing', async () => {
    expect(await seenBy(behind, '10.0.0.7', '198.51.100.66, 203.0.113.1, 10.1.0.4')).toBe('203.0.113.1');
  });

  test.each(['unknown', '203.0.113.1:4711', 'x'.repeat(8_000), ''])(
    'is the proxy’s where the proxy says no address: %.20s',
    async (forwarded) => expect(await seenBy(behind, '10.0.0.7', forwarded)).toBe('10.0.0.7'),
  );
});
