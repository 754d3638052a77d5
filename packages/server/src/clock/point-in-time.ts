/** Points in time as people write them: a date, or an RFC 3339 instant. */
import { Temporal } from 'temporal-polyfill';
import { epochDay } from './days.ts';
import { FIRST_YEAR, LAST_YEAR } from './interval.ts';
import { midnight } from './zone-clock.ts';

const PLAIN_DATE = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:\d{2})$/;

/** True for a date or an RFC 3339 instant of the years that the ledger knows. */
export function isPointInTime(text: string): boolean {
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

/**
 * Unix milliseconds of one end of a range; a fraction of a millisecond is cut off. A date is a whole day: as `from` its
 * first instant in the zone, as `to` the first instant of the day after. Takes what {@link isPointInTime} accepts.
 *
 * @example resolvePoint('2026-11-22', 'from', 'Europe/Berlin') // 2026-11-21T23:00Z
 */
export function resolvePoint(text: string, side: 'from' | 'to', timezone: string): number {
  if (!PLAIN_DATE.test(text)) return Temporal.Instant.from(text).epochMilliseconds;
  return midnight(epochDay(text) + (side === 'from' ? 0 : 1), timezone);
}
