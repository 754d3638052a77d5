/** For every answer of a provider: the client gets it or an error, there is one event, and the gateway goes on. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type GatewayUnderTest, startGatewayUnderTest } from '../gateway/gateway-under-test.ts';
import { inParallel, tryKind } from './misbehaving.ts';
import { KINDS, type MisbehavingUpstream, startMisbehavingUpstream } from './upstream.ts';

let upstream: MisbehavingUpstream;
let gateway: GatewayUnderTest;
beforeAll(async () => {
  upstream = await startMisbehavingUpstream();
  gateway = await startGatewayUnderTest({ upstream: upstream.url, settings: { upstreamTimeoutMs: 1_500 } });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});

it.each(['metered', 'passed'] as const)(
  `${KINDS.length} ways to answer, %s: as without the gateway, or a 502, and one event`,
  async (way) => {
    const found = await inParallel(KINDS, 24, (kind) => tryKind(gateway, upstream, kind, way));
    expect(found.filter((one) => one !== null)).toEqual([]);
    expect(gateway.faults).toEqual([]);
    expect(gateway.rooms.calls.openai.read()).toMatchObject({ taken: 0, waiting: 0 });
    expect(gateway.rooms.memory.read().taken).toBe(0);
  },
);

it('nothing is left of them: no connection, and the next call is as good as ever', async () => {
  const good = KINDS.find((kind) => kind.name === 'a stream');
  expect(good && (await tryKind(gateway, upstream, good, 'metered'))).toBeNull();
  await upstream.quiet();
});
