/** Periods that budgets and reports count in. All instants are Unix milliseconds. Pure. */
import { firstDay, nextDay, startOf, startOfNext } from './buckets.ts';
import { EARLIEST, type Interval, LATEST } from './interval.ts';
import { DAY_MS } from './lengths.ts';
import { type EpochDay, localDay, midnight } from './zone-clock.ts';

/** `total`: all of time. Weeks begin on Monday, quarters in January, April, July and October. */
export const PERIOD_KINDS = ['hour', 'day', 'week', 'month', 'quarter', 'total'] as const;
export type PeriodKind = (typeof PERIOD_KINDS)[number];

/**
 * The period that an instant lies in: `from` ≤ `at` < `to`. The periods of one kind follow each other without a gap.
 *
 * `anchorDay` (1–31) is the day of the month that months and quarters begin on; in a shorter month its last day. Other
 * kinds take no notice of it. Throws a RangeError for another number.
 *
 * @example periodOf('month', Date.UTC(2026, 2, 5), 'UTC', 31) // 28 February to 31 March
 */
export function periodOf(kind: PeriodKind, at: number, timezone: string, anchorDay = 1): Interval {
  switch (kind) {
    case 'total':
      return { from: EARLIEST, to: LATEST };
    case 'hour':
      return { from: startOf('hour', at, timezone), to: startOfNext('hour', at, timezone) };
    case 'day':
    case 'week': {
      const first = firstDay(kind, dayAt(at, timezone));
      return wholeDays(first, nextDay(kind, first), timezone);
    }
    case 'month':
    case 'quarter':
      return monthsAround(kind === 'month' ? 1 : 3, at, timezone, anchorDay);
  }
}

/** A sliding window of this many milliseconds, up to and including an instant. */
export function rollingWindow(lengthMs: number, at: number): Interval {
  return { from: at + 1 - lengthMs, to: at + 1 };
}

/** The day whose midnight came last: a clock set back over midnight shows the day before once more. */
function dayAt(at: number, timezone: string): EpochDay {
  let day = localDay(at, timezone);
  while (midnight(day + 1, timezone) <= at) day += 1;
  return day;
}

const wholeDays = (first: EpochDay, next: EpochDay, timezone: string): Interval => ({
  from: midnight(first, timezone),
  to: midnight(next, timezone),
});

function monthsAround(length: 1 | 3, at: number, timezone: string, anchorDay: number): Interval {
  if (!Number.isInteger(anchorDay) || anchorDay < 1 || anchorDay > 31) {
    throw new RangeError(`${anchorDay} is not a day of a month: use 1 to 31`);
  }
  const day = dayAt(at, timezone);
  const date = new Date(day * DAY_MS);
  const month = (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
  const calendar = Math.floor(month / length) * length;
  const first = anchoredDay(calendar, anchorDay) <= day ? calendar : calendar - length;
  return wholeDays(anchoredDay(first, anchorDay), anchoredDay(first + length, anchorDay), timezone);
}

/** A day of a month, which is counted from January 1970. */
function anchoredDay(month: number, anchorDay: number): EpochDay {
  const last = new Date(Date.UTC(1970, month + 1, 0)).getUTCDate();
  return Date.UTC(1970, month, Math.min(anchorDay, last)) / DAY_MS;
}
