/** The long form: every kind of answer in every setting, and storms of calls whose clients leave. */
import { describe, expect, it } from 'vitest';
import { startGatewayUnderTest } from '../gateway/gateway-under-test.ts';
import { inParallel, tryKind } from './misbehaving.ts';
import { storm } from './storm.ts';
import { KINDS, startMisbehavingUpstream } from './upstream.ts';

const SETTINGS = (['strict', 'relaxed'] as const).flatMap((durability) =>
  (['abort', 'read_on'] as const).map((onClientDisconnect) => ({ durability, onClientDisconnect })),
);
const ROUNDS = 10;

describe.each(SETTINGS)('$durability, $onClientDisconnect', (settings) => {
  it(`${KINDS.length} ways to answer, ${ROUNDS} times each, metered and passed`, async () => {
    const upstream = await startMisbehavingUpstream();
    const gateway = await startGatewayUnderTest({
      upstream: upstream.url,
      settings: { ...settings, upstreamTimeoutMs: 1_500, readOnMs: 300 },
    });
    try {
      const tasks = Array.from({ length: ROUNDS }, () => KINDS).flat();
      for (const way of ['metered', 'passed'] as const) {
        const found = await inParallel(tasks, 24, (kind) => tryKind(gateway, upstream, kind, way));
        expect(found.filter((one) => one !== null)).toEqual([]);
      }
      expect(gateway.faults).toEqual([]);
      await expect.poll(() => gateway.rooms.calls.openai.read().taken).toBe(0);
      await upstream.quiet();
    } finally {
      await gateway.close();
      await upstream.close();
    }
  });

  it('storms of calls whose clients leave at any moment leave nothing behind', async () => {
    await storm({ settings, runs: 120, callsAtOnce: 60 });
  });
});
