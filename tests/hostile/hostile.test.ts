/** For every input: no throw but ExtractError, no negative, no NaN. `hostile.long.test.ts` does it 20,000 times. */
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { type Attempt, binaryStreams, bodies, brokenText, check, eventStreams, lines } from './attempts.ts';

const KINDS: readonly (readonly [string, fc.Arbitrary<Attempt>, number])[] = [
  ['a body', bodies, 1000],
  ['a stream of events', eventStreams, 800],
  ['a binary stream', binaryStreams, 400],
  ['broken text', brokenText, 400],
  ['a line', lines, 400],
];

describe('hostile input', () => {
  it.each(KINDS)('as %s never yields a negative, NaN, or another throw', (_kind, attempts, numRuns) => {
    fc.assert(fc.property(attempts, check), { numRuns });
  });
});
