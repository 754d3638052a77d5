/** The stretch of time an export covers. */

import { startOf, startOfNext } from '../clock/buckets.ts';
import { dayOf } from '../clock/days.ts';
import type { Interval } from '../clock/interval.ts';
import { DAY_MS, HOUR_MS } from '../clock/lengths.ts';
import { refuseParameter } from '../parameters/refuse.ts';
import { type AskedRange, resolveRange } from '../parameters/time-range.ts';

/** Most days of one export of events or of charges by day; longer ones are several files. */
export const MAX_EXPORT_DAYS = 366;

/** Without a range: this month up to and including today, in the zone. */
export function exportRange(asked: AskedRange, timezone: string, now: number): Interval {
  const fallback = { from: startOf('month', now, timezone), to: startOfNext('day', now, timezone) };
  return resolveRange(asked, fallback, timezone);
}

/** Refuses a range of more than {@link MAX_EXPORT_DAYS} days (and a clock's hour). */
export function boundedRange(asked: AskedRange, timezone: string, now: number): Interval {
  const range = exportRange(asked, timezone, now);
  if (range.to - range.from > MAX_EXPORT_DAYS * DAY_MS + HOUR_MS) {
    throw refuseParameter('from', `must lie at most ${MAX_EXPORT_DAYS} days before to: take several files`);
  }
  return range;
}

/**
 * Name to save a file under, with its first and last day in the zone that the file was asked in.
 *
 * @example fileName('events', { tenant: 'acme', from, to, timezone }, 'csv') === 'farthing-events-acme-2026-11-01_2026-11-22.csv'
 */
export function fileName(
  what: string,
  { tenant, from, to, timezone }: Interval & { readonly tenant: string | null; readonly timezone: string },
  ending: string,
): string {
  // The end is no part of the range: the last day is that of the moment before it.
  const days = `${dayOf(from, timezone)}_${dayOf(to - 1, timezone)}`;
  return `farthing-${what}-${tenant ?? 'all'}-${days}.${ending}`;
}
