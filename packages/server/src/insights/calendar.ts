/** Buckets and compared periods in a time zone. All instants are Unix milliseconds. */
import { Temporal } from 'temporal-polyfill';
import { type Bucket, type BucketSpan, type Comparison, MAX_BUCKETS } from './cost-query.ts';
import { refuseParameter } from './refuse.ts';

export const QUARTER_HOUR_MS = 900_000;
export const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

const zoned = (at: number, timezone: string): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timezone);

/** The first instant of a calendar day; a day that begins in a clock change begins after it. */
const dayStart = (day: Temporal.PlainDate, timezone: string): number =>
  day.toZonedDateTime(timezone).epochMilliseconds;

/** The calendar day an instant falls on, `2026-11-22`. */
export function dayOf(at: number, timezone: string): string {
  return zoned(at, timezone).toPlainDate().toString();
}

/** The month an instant falls on, `2026-11`. */
export function monthOf(at: number, timezone: string): string {
  return zoned(at, timezone).toPlainDate().toPlainYearMonth().toString();
}

/** Start of the bucket an instant falls into. */
export function startOf(bucket: Bucket, at: number, timezone: string): number {
  const time = zoned(at, timezone);
  if (bucket === 'hour') {
    return time.round({ smallestUnit: 'hour', roundingMode: 'floor' }).epochMilliseconds;
  }
  return dayStart(firstDay(bucket, time.toPlainDate()), timezone);
}

/** Start of the bucket after the one an instant falls into. */
export function startOfNext(bucket: Bucket, at: number, timezone: string): number {
  if (bucket === 'hour') {
    // A clock set back by half an hour repeats part of one, so that an hour can begin again: search forward.
    const step = HOUR_MS / 2;
    let next = startOf('hour', at + step, timezone);
    for (let ahead = 2 * step; next <= at; ahead += step) next = startOf('hour', at + ahead, timezone);
    return next;
  }
  const first = firstDay(bucket, zoned(at, timezone).toPlainDate());
  return dayStart(first.add({ [`${bucket}s`]: 1 }), timezone);
}

/** Start of the day so many days before (or, negative, after) the one an instant falls on. */
export function startOfDayBefore(days: number, at: number, timezone: string): number {
  return dayStart(zoned(at, timezone).toPlainDate().subtract({ days }), timezone);
}

function firstDay(bucket: Exclude<Bucket, 'hour'>, day: Temporal.PlainDate): Temporal.PlainDate {
  if (bucket === 'week') return day.subtract({ days: day.dayOfWeek - 1 });
  return bucket === 'month' ? day.with({ day: 1 }) : day;
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
    if (end > start) spans.push({ label: whole.label(), start, end, wholeEnd: whole.end });
  }
  return spans;
}

/** An uncut bucket; its label is made only where it is wanted, since asking for a zone's offset is dear. */
interface WholeBucket {
  readonly start: number;
  readonly end: number;
  label(): string;
}

function* hoursFrom(from: number, timezone: string): Iterable<WholeBucket> {
  for (let start = startOf('hour', from, timezone); ; ) {
    const end = startOfNext('hour', start, timezone);
    const begin = start;
    const label = () => zoned(begin, timezone).toString({ smallestUnit: 'minute', timeZoneName: 'never' });
    yield { start, end, label };
    start = end;
  }
}

/** Days, weeks and months, by the calendar: one look at the zone per bucket. */
function* daysFrom(bucket: Exclude<Bucket, 'hour'>, from: number, timezone: string): Iterable<WholeBucket> {
  let day = firstDay(bucket, zoned(from, timezone).toPlainDate());
  for (let start = dayStart(day, timezone); ; ) {
    const next = day.add({ [`${bucket}s`]: 1 });
    const end = dayStart(next, timezone);
    const named = day;
    yield { start, end, label: () => labelOf(bucket, named) };
    [day, start] = [next, end];
  }
}

function labelOf(bucket: Exclude<Bucket, 'hour'>, day: Temporal.PlainDate): string {
  if (bucket === 'day') return day.toString();
  if (bucket === 'month') return day.toPlainYearMonth().toString();
  return `${day.yearOfWeek}-W${String(day.weekOfYear).padStart(2, '0')}`;
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
  const [first, last] = [zoned(from, timezone), zoned(to, timezone)];
  const wholeDays = first.toPlainTime().equals(last.toPlainTime());
  if (!wholeDays) return (at) => at - (to - from);
  const days = first.toPlainDate().until(last.toPlainDate(), { largestUnit: 'day' }).days;
  const shift = byDays(days, timezone);
  return (at) => (at === to ? from : shift(at));
}

const byDays =
  (days: number, timezone: string) =>
  (at: number): number =>
    zoned(at, timezone).subtract({ days }).epochMilliseconds;

/** 15 Mar 14:30 → 15 Feb 14:30; 30 Mar → the end of February, which has no 30th. */
function sameDayOfPreviousMonth(at: number, timezone: string): number {
  const time = zoned(at, timezone);
  const earlier = time.subtract({ months: 1 });
  if (earlier.day === time.day) return earlier.epochMilliseconds;
  return dayStart(time.toPlainDate().with({ day: 1 }), timezone);
}

/** A period in words: `2026-11-22`, `2026-11-01 – 2026-11-22`. */
export function periodLabel(from: number, to: number, timezone: string): string {
  const first = dayOf(from, timezone);
  const last = dayOf(Math.max(from, to - 1), timezone);
  return first === last ? first : `${first} – ${last}`;
}

export const toRfc3339 = (at: number): string => new Date(at).toISOString();
