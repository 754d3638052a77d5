/** Buckets and compared periods in a time zone. All instants are Unix milliseconds. */
import { Temporal } from 'temporal-polyfill';
import { type Bucket, type BucketSpan, type Comparison, MAX_BUCKETS } from './cost-query.ts';
import { refuseParameter } from './refuse.ts';
import { DAY_MS, type EpochDay, localDay, midnight, offsetAt, plainDate, printDay } from './zone-clock.ts';

export { DAY_MS, QUARTER_HOUR_MS } from './zone-clock.ts';

const HOUR_MS = 3_600_000;

const zoned = (at: number, timezone: string): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timezone);

/** The calendar day an instant falls on, `2026-11-22`. */
export function dayOf(at: number, timezone: string): string {
  return printDay(localDay(at, timezone));
}

/** The month an instant falls on, `2026-11`. */
export function monthOf(at: number, timezone: string): string {
  return dayOf(at, timezone).slice(0, 7);
}

/** True where an instant is a midnight of the zone. */
export function isDayStart(at: number, timezone: string): boolean {
  return midnight(localDay(at, timezone), timezone) === at;
}

/** Start of the bucket an instant falls into. */
export function startOf(bucket: Bucket, at: number, timezone: string): number {
  if (bucket !== 'hour') return midnight(firstDay(bucket, localDay(at, timezone)), timezone);
  if (isSteady(at, timezone)) {
    const offset = offsetAt(at, timezone);
    return Math.floor((at + offset) / HOUR_MS) * HOUR_MS - offset;
  }
  return zoned(at, timezone).round({ smallestUnit: 'hour', roundingMode: 'floor' }).epochMilliseconds;
}

/** Start of the bucket after the one an instant falls into. */
export function startOfNext(bucket: Bucket, at: number, timezone: string): number {
  if (bucket !== 'hour') {
    return midnight(nextDay(bucket, firstDay(bucket, localDay(at, timezone))), timezone);
  }
  if (isSteady(at, timezone)) return startOf('hour', at, timezone) + HOUR_MS;
  // A clock set back by half an hour repeats part of one, so that an hour can begin again: search forward.
  const step = HOUR_MS / 2;
  let next = startOf('hour', at + step, timezone);
  for (let ahead = 2 * step; next <= at; ahead += step) next = startOf('hour', at + ahead, timezone);
  return next;
}

/** No clock change near: hours are hours. */
function isSteady(at: number, timezone: string): boolean {
  const offset = offsetAt(at, timezone);
  return offsetAt(at - 2 * HOUR_MS, timezone) === offset && offsetAt(at + 2 * HOUR_MS, timezone) === offset;
}

/** Start of the day so many days before (or, negative, after) the one an instant falls on. */
export function startOfDayBefore(days: number, at: number, timezone: string): number {
  return midnight(localDay(at, timezone) - days, timezone);
}

function firstDay(bucket: Exclude<Bucket, 'hour'>, day: EpochDay): EpochDay {
  if (bucket === 'day') return day;
  const date = new Date(day * DAY_MS);
  return bucket === 'week' ? day - ((date.getUTCDay() + 6) % 7) : day - date.getUTCDate() + 1;
}

/** First day of the bucket after the one that begins on `day`. */
function nextDay(bucket: Exclude<Bucket, 'hour'>, day: EpochDay): EpochDay {
  if (bucket !== 'month') return day + (bucket === 'week' ? 7 : 1);
  const date = new Date(day * DAY_MS);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) / DAY_MS;
}

/** The buckets that cover `[from, to)`, the outer two cut to it. Refuses more than {@link MAX_BUCKETS}. */
export function bucketSpans(from: number, to: number, timezone: string, bucket: Bucket): BucketSpan[] {
  const spans: BucketSpan[] = [];
  for (const whole of bucket === 'hour' ? hoursFrom(from, timezone) : daysFrom(bucket, from, timezone)) {
    const start = Math.max(from, whole.start);
    if (start >= to) break;
    if (spans.length === MAX_BUCKETS) {
      throw refuseParameter(
        'bucket',
        `the range has more than ${MAX_BUCKETS} buckets of a ${bucket}: shorten it or take a wider bucket`,
      );
    }
    const end = Math.min(whole.end, to);
    if (end > start) spans.push({ label: whole.label, start, end, wholeEnd: whole.end });
  }
  return spans;
}

/** An uncut bucket. */
interface WholeBucket {
  readonly start: number;
  readonly end: number;
  readonly label: string;
}

function* hoursFrom(from: number, timezone: string): Iterable<WholeBucket> {
  for (let start = startOf('hour', from, timezone); ; ) {
    const end = startOfNext('hour', start, timezone);
    yield { start, end, label: hourLabel(start, offsetAt(start, timezone)) };
    start = end;
  }
}

/** `2026-11-22T14:00+01:00` */
function hourLabel(at: number, offset: number): string {
  const minutes = Math.abs(offset) / 60_000;
  const two = (part: number) => String(Math.floor(part)).padStart(2, '0');
  const local = new Date(at + offset).toISOString().slice(0, 16);
  return `${local}${offset < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}

function* daysFrom(bucket: Exclude<Bucket, 'hour'>, from: number, timezone: string): Iterable<WholeBucket> {
  for (let day = firstDay(bucket, localDay(from, timezone)); ; ) {
    const next = nextDay(bucket, day);
    yield {
      start: midnight(day, timezone),
      end: midnight(next, timezone),
      label: labelOf(bucket, day),
    };
    day = next;
  }
}

function labelOf(bucket: Exclude<Bucket, 'hour'>, day: EpochDay): string {
  if (bucket !== 'week') return printDay(day).slice(0, bucket === 'day' ? 10 : 7);
  const { yearOfWeek, weekOfYear } = plainDate(day);
  return `${yearOfWeek}-W${String(weekOfYear).padStart(2, '0')}`;
}

/**
 * Maps instants of a period onto the one it is compared with. Whole days are shifted by the calendar, so that a
 * day of 23 hours stands beside a day of 24, not beside 23 hours of it.
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

/** The interval that stands beside another one. */
export function comparedInterval(
  comparison: Exclude<Comparison, null>,
  { from, to }: { readonly from: number; readonly to: number },
  timezone: string,
) {
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

/** A period in words: `2026-11-22`, `2026-11-01 – 2026-11-22`. */
export function periodLabel(from: number, to: number, timezone: string): string {
  const first = dayOf(from, timezone);
  const last = dayOf(Math.max(from, to - 1), timezone);
  return first === last ? first : `${first} – ${last}`;
}

export const toRfc3339 = (at: number): string => new Date(at).toISOString();
