import fc from 'fast-check';
import { parseCronItem } from 'graphile-worker';
import { expect, test } from 'vitest';
import { nextRun } from './next-run.ts';

const schedules = ['*/10 * * * *', '7 * * * *', '23 3 * * *', '0 0 * * 1', '30 12 1 * *'];
const times = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2030, 0, 1) });

test('the next run is the first matching minute after now', () => {
  fc.assert(
    fc.property(fc.constantFrom(...schedules), times, (schedule, now) => {
      const { match } = parseCronItem({ task: 'one', match: schedule });
      const next = nextRun(match, now)?.getTime() ?? 0;
      expect(next).toBeGreaterThan(now);
      expect(next % 60_000).toBe(0);
      // No earlier minute would have done.
      expect(nextRun(match, next - 60_001)?.getTime()).toBe(next);
    }),
  );
});

test('a schedule that comes within no month has no next run', () => {
  expect(nextRun(() => false, Date.UTC(2026, 0, 1))).toBeNull();
});
