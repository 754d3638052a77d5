/** Points in time as callers write them, and the zone they are meant in. */
import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';

/** Earliest year a query may name; the ledger holds nothing older. */
const FIRST_YEAR = 2000;
const LAST_YEAR = 2200;

/** An IANA zone this machine knows (`Europe/Berlin`, `Asia/Kathmandu`, `UTC`), or a fixed offset (`+05:45`). */
export const timeZoneInput = z
  .string()
  .max(64)
  .refine(isTimeZone, 'is not an IANA time zone such as UTC, Europe/Berlin or Asia/Kolkata');

/** True for a zone that days can be cut in. */
export function isTimeZone(zone: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone);
    return /^[A-Za-z0-9_+\-/:]{1,64}$/.test(zone);
  } catch {
    return false;
  }
}

/** `2026-11-22` or an RFC 3339 instant, as text; {@link resolvePoint} gives it its meaning in a zone. */
export const pointInTimeInput = z
  .string()
  .max(64)
  .refine(isPointInTime, 'is neither a date (2026-11-22) nor an RFC 3339 time (2026-11-22T10:00:00Z)');

const PLAIN_DATE = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:\d{2})$/;

function isPointInTime(text: string): boolean {
  try {
    const year = PLAIN_DATE.test(text)
      ? Temporal.PlainDate.from(text).year
      : INSTANT.test(text)
        ? Temporal.Instant.from(text).toZonedDateTimeISO('UTC').year
        : 0;
    return year >= FIRST_YEAR && year <= LAST_YEAR;
  } catch {
    return false;
  }
}

/**
 * Unix milliseconds of a point in time. A plain date is a whole day: as the beginning of a range its first
 * instant in the zone, as the end of a range the first instant of the day after.
 */
export function resolvePoint(text: string, side: 'from' | 'to', timezone: string): number {
  if (!PLAIN_DATE.test(text)) return Temporal.Instant.from(text).epochMilliseconds;
  const day = Temporal.PlainDate.from(text);
  return (side === 'from' ? day : day.add({ days: 1 })).toZonedDateTime(timezone).epochMilliseconds;
}
