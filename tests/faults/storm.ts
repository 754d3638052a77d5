/** Calls of every kind at once, whose clients leave at any moment; then everything must be as before. */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { GatewaySettings } from '../../packages/server/src/gateway/settings.ts';
import { FARTHING_KEY, type GatewayUnderTest, startGatewayUnderTest } from '../gateway/gateway-under-test.ts';
import { connect, post, rawCall, readAnswer } from '../gateway/raw-http.ts';
import { GOOD } from './kind.ts';
import { KINDS, type MisbehavingUpstream, startMisbehavingUpstream } from './upstream.ts';

/** Those that do not wait for a time-out of the provider's. */
const QUICK = KINDS.filter((kind) => !kind.name.startsWith('silence'));
const PATHS = ['/v1/chat/completions', '/v1/files'];

const call = fc.record({
  kind: fc.nat(QUICK.length - 1),
  path: fc.nat(1),
  bodyBytes: fc.constantFrom(10, 1_000, 100_000),
  /** What the client does: stay, or leave when so many bytes came, after a while, or amid its request. */
  leaves: fc.oneof(
    fc.constant({ when: 'never' as const, after: 0 }),
    fc.record({ when: fc.constant('bytes' as const), after: fc.nat(2_000) }),
    fc.record({ when: fc.constant('time' as const), after: fc.nat(40) }),
    fc.record({ when: fc.constant('sending' as const), after: fc.nat(1_000) }),
  ),
  how: fc.constantFrom('reset' as const, 'destroy' as const, 'end' as const),
});
type Call = typeof call extends fc.Arbitrary<infer One> ? One : never;

export interface Storm {
  readonly settings: Partial<GatewaySettings>;
  readonly runs: number;
  readonly callsAtOnce: number;
}

/** Throws with the smallest storm that leaves something behind. */
export async function storm({ settings, runs, callsAtOnce }: Storm): Promise<void> {
  const upstream = await startMisbehavingUpstream();
  const gateway = await startGatewayUnderTest({
    upstream: upstream.url,
    // Little room, so that calls wait for it and are refused, too.
    settings: {
      calls: 24,
      waiting: 12,
      waitMs: 60,
      memoryBytes: 700_000,
      bodyLimitBytes: 400_000,
      readOnMs: 100,
      ...settings,
    },
  });
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.array(call, { minLength: callsAtOnce / 2, maxLength: callsAtOnce }),
        async (calls) => {
          await Promise.all(calls.map((one) => make(gateway, one)));
          await expectAsBefore(gateway, upstream);
        },
      ),
      { numRuns: runs },
    );
    await upstream.quiet();
  } finally {
    await gateway.close();
    await upstream.close();
  }
}

async function make(gateway: GatewayUnderTest, { kind, path, bodyBytes, leaves, how }: Call): Promise<void> {
  const { name, seen } = QUICK[kind] ?? { name: '', seen: { as: 'direct' } };
  const body = { model: 'm', stream: true, prompt: 'x'.repeat(bodyBytes) };
  const request = post(`/gateway/openai${PATHS[path]}`, body, [
    `x-farthing-key: ${FARTHING_KEY}`,
    `x-kind: ${encodeURIComponent(name)}`,
  ]);
  const client = await connect(gateway.url);
  const { socket } = client;
  const leave = () =>
    how === 'reset' ? socket.resetAndDestroy() : how === 'end' ? socket.end() : socket.destroy();
  const late = setTimeout(() => socket.destroy(), 2_000);
  if (leaves.when === 'sending') {
    socket.write(request.subarray(0, Math.min(leaves.after, request.length - 1)), leave);
  } else {
    socket.write(request);
    if (leaves.when === 'time') setTimeout(leave, leaves.after);
    const enough = leaves.when === 'bytes' || seen.as === 'endless' ? leaves.after : Number.POSITIVE_INFINITY;
    await client.until((bytes) => bytes.length > enough);
    leave();
  }
  await client.ended();
  clearTimeout(late);
}

async function expectAsBefore(gateway: GatewayUnderTest, upstream: MisbehavingUpstream): Promise<void> {
  const { calls, memory } = gateway.rooms;
  await expect
    .poll(() => [calls.openai.read(), memory.read()])
    .toMatchObject([
      { taken: 0, waiting: 0 },
      { taken: 0, waiting: 0 },
    ]);
  expect(gateway.faults).toEqual([]);
  expect(new Set(gateway.events.map((event) => event.id)).size).toBe(gateway.events.length);
  // A call whose client has left may still be on its way in: a name distinguishes the good call's event from its event.
  const name = `good-${upstream.asked}`;
  const good = post('/gateway/openai/v1/chat/completions', { model: 'm' }, [
    `x-farthing-key: ${FARTHING_KEY}`,
    `x-farthing-request-id: ${name}`,
    `x-kind: ${encodeURIComponent('an answer, and half a close')}`,
  ]);
  const answer = readAnswer(await rawCall(gateway.url, good));
  expect(answer?.body.equals(GOOD.subarray(GOOD.indexOf('\r\n\r\n') + 4))).toBe(true);
  const own = () => gateway.events.filter((event) => event.attribution.requestId === name);
  await expect.poll(() => own().map((event) => event.status)).toEqual(['ok']);
  expect(upstream.asked).toBeGreaterThan(0);
}
