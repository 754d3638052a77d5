import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ERASED_HASH, judge, type Version } from './verdict.ts';

const version = (contentHash: string, source: string): Version => ({ contentHash, source });

/** The stored event after `arrivals` with one id, and the verdict of each. */
function settle(arrivals: readonly Version[]) {
  let standing: Version | null = null;
  const verdicts: string[] = [];
  for (const incoming of arrivals) {
    const verdict: string = standing === null ? 'accepted' : judge(standing, incoming);
    verdicts.push(verdict);
    if (verdict === 'accepted' || verdict === 'superseded') standing = incoming;
  }
  return { standing, verdicts };
}

describe('a second event under a known id', () => {
  test('of the report and the estimate of one call, each sent any number of times, the report stands in every order, without a conflict', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('partial', 'estimated', 'none'),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 4 }),
        fc.infiniteStream(fc.nat()),
        (source, reports, estimates, order) => {
          const report = version('report', 'reported');
          const arrivals = [
            ...Array.from({ length: reports }, () => report),
            ...Array.from({ length: estimates }, () => version('estimate', source)),
          ]
            .map((one) => ({ one, at: order.next().value as number }))
            .sort((a, b) => a.at - b.at)
            .map(({ one }) => one);
          const { standing, verdicts } = settle(arrivals);
          expect(standing).toBe(report);
          expect(verdicts).not.toContain('conflict');
        },
      ),
    );
  });

  test('never makes what stands less certain, and the same again never changes anything', () => {
    const source = fc.constantFrom('reported', 'partial', 'estimated', 'none');
    const arrivals = fc.array(fc.record({ contentHash: fc.constantFrom('a', 'b', 'c'), source }), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(arrivals, (given) => {
        let reported = false;
        for (let length = 1; length <= given.length; length += 1) {
          const { standing } = settle(given.slice(0, length));
          if (reported) expect(standing?.source).toBe('reported');
          reported ||= standing?.source === 'reported';
          expect(standing === null ? null : judge(standing, standing)).toBe('duplicate');
        }
        // Sending all of them again changes nothing.
        expect(settle([...given, ...given]).standing).toEqual(settle(given).standing);
      }),
    );
  });

  test('is a conflict where both are reports of other content, or both are none', () => {
    expect(judge(version('a', 'reported'), version('b', 'reported'))).toBe('conflict');
    expect(judge(version('a', 'partial'), version('b', 'estimated'))).toBe('conflict');
  });

  test('is a duplicate where what stood there was erased', () => {
    expect(judge(version(ERASED_HASH, 'estimated'), version('b', 'reported'))).toBe('duplicate');
  });
});
