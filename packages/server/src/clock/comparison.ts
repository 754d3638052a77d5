/** Finds the period that another one is compared with. All instants are Unix milliseconds. */
import { Temporal } from 'temporal-polyfill';
import { firstDay } from './buckets.ts';
import { isDayStart, startOfDayBefore } from './days.ts';
import type { Interval } from './interval.ts';
import { localDay, midnight } from './zone-clock.ts';

/** The period that the requested one is compared with. */
export type Comparison =
  /** The same length immediately before. */
  | 'previous_period'
  /** The same time of the day before: today until 14:00 against yesterday until 14:00. */
  | 'previous_day'
  /** The same days of the month before: 1–22 Nov against 1–22 Oct (clamped to that month's end). */
  | 'previous_month'
  | null;

/**
 * Maps instants of a period onto the one it is compared with. Whole days are shifted by the calendar, so that a day of
 * 23 hours is compared with a whole day of 24, not with 23 hours of it.
 */
export function comparisonShift(
  comparison: Exclude<Comparison, null>,
  from: number,
  to: number,
  timezone: string,
): (at: number) => number {
  if (comparison === 'previous_month') return (at) => sameDayOfPreviousMonth(at, timezone);
  if (comparison === 'previous_day') return byDays(1, timezone);
  if (!isSameTimeOfDay(from, to, timezone)) return (at) => at - (to - from);
  const days = localDay(to, timezone) - localDay(from, timezone);
  const shift = byDays(days, timezone);
  return (at) => (at === to ? from : shift(at));
}

/** The interval that another one is compared with. */
export function comparedInterval(
  comparison: Exclude<Comparison, null>,
  { from, to }: Interval,
  timezone: string,
): Interval {
  const shift = comparisonShift(comparison, from, to, timezone);
  return { from: shift(from), to: shift(to) };
}

function isSameTimeOfDay(a: number, b: number, timezone: string): boolean {
  if (isDayStart(a, timezone) && isDayStart(b, timezone)) return true;
  const [first, last] = [zoned(a, timezone), zoned(b, timezone)];
  return first.toPlainTime().equals(last.toPlainTime());
}

const byDays =
  (days: number, timezone: string) =>
  (at: number): number =>
    isDayStart(at, timezone)
      ? startOfDayBefore(days, at, timezone)
      : zoned(at, timezone).subtract({ days }).epochMilliseconds;

/** 15 Mar 14:30 → 15 Feb 14:30; 30 Mar → the end of February, which has no 30th. */
function sameDayOfPreviousMonth(at: number, timezone: string): number {
  const day = localDay(at, timezone);
  const first = firstDay('month', day);
  const previousFirst = firstDay('month', first - 1);
  const same = previousFirst + (day - first);
  if (same >= first) return midnight(first, timezone);
  if (isDayStart(at, timezone)) return midnight(same, timezone);
  return zoned(at, timezone).subtract({ months: 1 }).epochMilliseconds;
}

const zoned = (at: number, timezone: string): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timezone);
