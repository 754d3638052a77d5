/** The stretch of time an export covers. */
import { startOf, startOfNext } from '../insights/calendar.ts';
import { refuseParameter } from '../insights/refuse.ts';
import { type AskedRange, type Interval, resolveRange } from '../insights/time-range.ts';

/** Most days of one export of events or of charges by day; longer ones are several files. */
export const MAX_EXPORT_DAYS = 366;
const DAY_MS = 86_400_000;

/** Without a range: this month up to and including today, in the zone. */
export function exportRange(asked: AskedRange, timezone: string, now: number): Interval {
  const fallback = { from: startOf('month', now, timezone), to: startOfNext('day', now, timezone) };
  return resolveRange(asked, fallback, timezone);
}

/** Refuses a range of more than {@link MAX_EXPORT_DAYS} days (and a clock's hour). */
export function boundedRange(asked: AskedRange, timezone: string, now: number): Interval {
  const range = exportRange(asked, timezone, now);
  if (range.to - range.from > MAX_EXPORT_DAYS * DAY_MS + 3_600_000) {
    throw refuseParameter('from', `must lie at most ${MAX_EXPORT_DAYS} days before to: take several files`);
  }
  return range;
}

/**
 * Name to save a file under.
 *
 * @example fileName('events', { tenant: 'acme', from, to }, 'csv') === 'farthing-events-acme-20261101-20261123.csv'
 */
export function fileName(
  what: string,
  { tenant, from, to }: Interval & { readonly tenant: string | null },
  ending: string,
): string {
  const day = (at: number) => new Date(at).toISOString().slice(0, 10).replaceAll('-', '');
  return `farthing-${what}-${tenant ?? 'all'}-${day(from)}-${day(to)}.${ending}`;
}
