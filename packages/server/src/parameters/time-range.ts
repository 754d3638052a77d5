/** Points in time as callers write them, and the zone they are meant in. */
import { z } from 'zod';
import { type Bucket, type BucketSpan, bucketSpans, TooManyBucketsError } from '../clock/buckets.ts';
import { FIRST_YEAR, type Interval, LAST_YEAR } from '../clock/interval.ts';
import { isPointInTime, resolvePoint } from '../clock/point-in-time.ts';
import { isTimeZone } from '../clock/zone-clock.ts';
import { refuseParameter } from './refuse.ts';

/** An IANA zone: `Europe/Berlin`, `Asia/Kathmandu`, `UTC`. */
export const timeZoneInput = z
  .string()
  .max(64)
  .refine(isTimeZone, 'is not an IANA time zone such as UTC, Europe/Berlin or Asia/Kolkata');

/** `2026-11-22` or an RFC 3339 instant, as text; {@link resolveRange} gives it its meaning in a zone. */
export const pointInTimeInput = z
  .string()
  .max(64)
  .refine(
    isPointInTime,
    `is neither a date (2026-11-22) nor an RFC 3339 time (2026-11-22T10:00:00Z) of the years ${FIRST_YEAR} to ${LAST_YEAR - 1}`,
  );

/** An interval as it was asked for; both ends may be left out. */
export interface AskedRange {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/**
 * The interval asked for. A plain date is a whole day: `from` its first instant in the zone, `to` the first
 * instant of the day after. Refuses an end that does not lie after the beginning.
 */
export function resolveRange(asked: AskedRange, fallback: Interval, timezone: string): Interval {
  const from = asked.from === undefined ? fallback.from : resolvePoint(asked.from, 'from', timezone);
  const to = asked.to === undefined ? fallback.to : resolvePoint(asked.to, 'to', timezone);
  if (from >= to) {
    throw asked.to === undefined
      ? refuseParameter('from', 'must lie before the end of the range')
      : refuseParameter('to', 'must lie after from');
  }
  return { from, to };
}

/** The buckets of a range. Refuses more than one answer holds. */
export function resolveBuckets({ from, to }: Interval, timezone: string, bucket: Bucket): BucketSpan[] {
  try {
    return bucketSpans(from, to, timezone, bucket);
  } catch (error) {
    if (error instanceof TooManyBucketsError) throw refuseParameter('bucket', error.message);
    throw error;
  }
}
