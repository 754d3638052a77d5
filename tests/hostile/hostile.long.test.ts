/** 20,000 mutated bodies and streams: no throw but ExtractError, no negative, no NaN, no hang. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Attempt, binaryStreams, bodies, brokenText, check, eventStreams, lines } from './attempts.ts';

/** Milliseconds beyond which a reading hangs; a slow one is tried again, so that a busy machine is no hang. */
const HANG = 50;

const KINDS: readonly (readonly [string, fc.Arbitrary<Attempt>, number])[] = [
  ['bodies', bodies, 8000],
  ['streams of events', eventStreams, 6000],
  ['binary streams', binaryStreams, 2000],
  ['broken texts', brokenText, 2000],
  ['lines', lines, 2000],
];

describe('hostile input, many times', () => {
  it.each(KINDS)('%s never yield a negative, NaN, another throw or a hang', (kind, attempts, numRuns) => {
    let slowest = 0;
    fc.assert(
      fc.property(attempts, (attempt) => {
        let taken = timed(() => check(attempt));
        for (let again = 0; again < 3 && taken >= HANG; again++) taken = timed(() => check(attempt));
        slowest = Math.max(slowest, taken);
        expect(taken).toBeLessThan(HANG);
      }),
      { numRuns },
    );
    console.log(`${numRuns} ${kind}: slowest ${slowest.toFixed(2)} ms`);
  });
});

function timed(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}
