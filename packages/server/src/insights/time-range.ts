/** Points in time as callers write them, and the zone they are meant in. */
import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import { isTimeZone } from '../tenants/tenant.ts';
import { refuseParameter } from './refuse.ts';

/** Years a query may name. */
const FIRST_YEAR = 2000;
const LAST_YEAR = 2100;

/** Beginning and end of time as far as queries go: every event lies between. */
export const EARLIEST = Date.UTC(FIRST_YEAR, 0, 1);
export const LATEST = Date.UTC(LAST_YEAR, 0, 1);

/** An IANA zone: `Europe/Berlin`, `Asia/Kathmandu`, `UTC`. */
export const timeZoneInput = z
  .string()
  .max(64)
  .refine(isTimeZone, 'is not an IANA time zone such as UTC, Europe/Berlin or Asia/Kolkata');

const PLAIN_DATE = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:\d{2})$/;

/** `2026-11-22` or an RFC 3339 instant, as text; {@link resolveRange} gives it its meaning in a zone. */
export const pointInTimeInput = z
  .string()
  .max(64)
  .refine(
    isPointInTime,
    `is neither a date (2026-11-22) nor an RFC 3339 time (2026-11-22T10:00:00Z) of the years ${FIRST_YEAR} to ${LAST_YEAR - 1}`,
  );

function isPointInTime(text: string): boolean {
  try {
    const year = PLAIN_DATE.test(text)
      ? Temporal.PlainDate.from(text).year
      : INSTANT.test(text)
        ? Temporal.Instant.from(text).toZonedDateTimeISO('UTC').year
        : 0;
    return year >= FIRST_YEAR && year < LAST_YEAR;
  } catch {
    return false;
  }
}

/** An interval as it was asked for; both ends may be left out. */
export interface AskedRange {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** A half-open interval, Unix milliseconds. */
export interface Interval {
  readonly from: number;
  readonly to: number;
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

/** Unix milliseconds of one end; a fraction of a millisecond is cut off. */
export function resolvePoint(text: string, side: 'from' | 'to', timezone: string): number {
  if (!PLAIN_DATE.test(text)) return Temporal.Instant.from(text).epochMilliseconds;
  const day = Temporal.PlainDate.from(text);
  return (side === 'from' ? day : day.add({ days: 1 })).toZonedDateTime(timezone).epochMilliseconds;
}
