/** Buckets of time in a zone: hours, days, weeks from Monday on, months. All instants are Unix milliseconds. */
import { Temporal } from 'temporal-polyfill';
import { plainDate, printDay } from './days.ts';
import { DAY_MS, HOUR_MS } from './lengths.ts';
import { type EpochDay, localDay, midnight, offsetAt } from './zone-clock.ts';

/** Widths of a time bucket; weeks begin on Monday. */
export const BUCKETS = ['hour', 'day', 'week', 'month'] as const;
export type Bucket = (typeof BUCKETS)[number];

/** Most buckets of one answer. */
export const MAX_BUCKETS = 2_000;

/** One bucket, cut to the asked interval. `wholeEnd` is where it would end uncut: later than now = still filling. */
export interface BucketSpan {
  /** `2026-11-22T14:00+01:00`, `2026-11-22`, `2026-W47` or `2026-11`, in the zone. */
  readonly label: string;
  readonly start: number;
  readonly end: number;
  readonly wholeEnd: number;
}

/** A range has more buckets than {@link MAX_BUCKETS}. */
export class TooManyBucketsError extends RangeError {
  override readonly name = 'TooManyBucketsError';

  constructor(bucket: Bucket) {
    super(`the range has more than ${MAX_BUCKETS} buckets of a ${bucket}: shorten it or take a wider bucket`);
  }
}

/** Start of the bucket an instant falls into. */
export function startOf(bucket: Bucket, at: number, timezone: string): number {
  if (bucket !== 'hour') return midnight(firstDay(bucket, localDay(at, timezone)), timezone);
  if (isSteady(at, timezone)) {
    const offset = offsetAt(at, timezone);
    return Math.floor((at + offset) / HOUR_MS) * HOUR_MS - offset;
  }
  return Temporal.Instant.fromEpochMilliseconds(at)
    .toZonedDateTimeISO(timezone)
    .round({ smallestUnit: 'hour', roundingMode: 'floor' }).epochMilliseconds;
}

/** Start of the bucket that follows the bucket of an instant. */
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

/** First day of the bucket that a day lies in. */
export function firstDay(bucket: Exclude<Bucket, 'hour'>, day: EpochDay): EpochDay {
  if (bucket === 'day') return day;
  const date = new Date(day * DAY_MS);
  return bucket === 'week' ? day - ((date.getUTCDay() + 6) % 7) : day - date.getUTCDate() + 1;
}

/** First day of the bucket that follows the one beginning on `day`. */
export function nextDay(bucket: Exclude<Bucket, 'hour'>, day: EpochDay): EpochDay {
  if (bucket !== 'month') return day + (bucket === 'week' ? 7 : 1);
  const date = new Date(day * DAY_MS);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) / DAY_MS;
}

/** The buckets that cover `[from, to)`, the outer two cut to it. Throws {@link TooManyBucketsError}. */
export function bucketSpans(from: number, to: number, timezone: string, bucket: Bucket): BucketSpan[] {
  const spans: BucketSpan[] = [];
  for (const whole of bucket === 'hour' ? hoursFrom(from, timezone) : daysFrom(bucket, from, timezone)) {
    const start = Math.max(from, whole.start);
    if (start >= to) break;
    if (spans.length === MAX_BUCKETS) throw new TooManyBucketsError(bucket);
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
