/** Days of a report as callers write them: dates, RFC 3339 times, or local times without a zone. */
import { z } from 'zod';
import { startOf, startOfNext } from '../clock/buckets.ts';
import { dayOf, epochDay, startOfDayBefore } from '../clock/days.ts';
import type { Interval } from '../clock/interval.ts';
import { resolvePoint } from '../clock/point-in-time.ts';
import { refuseParameter } from './refuse.ts';
import { pointInTimeInput } from './time-range.ts';

/** Most days of one report: five years. */
export const MAX_REPORT_DAYS = 1_830;
/** Days before the last one that a report covers by default. */
const USUAL_DAYS = 30;

const LOCAL = /^(\d{4}-\d{2}-\d{2})[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?$/;

/** An instant; a report uses its day: `2026-11-22`, `2026-11-22T10:00:00Z`, `2026-11-22T10:00:00`. */
export const reportDateInput = z
  .string()
  .max(64)
  .transform((text) => LOCAL.exec(text)?.[1] ?? text)
  .pipe(pointInTimeInput);

/** The days asked for; both ends may be left out. */
export interface AskedDays {
  readonly start?: string | undefined;
  readonly end?: string | undefined;
}

/** Whole days, both included, and the time they fill. */
export interface ReportDays extends Interval {
  /** `2026-11-22`, in the zone of the report. */
  readonly firstDay: string;
  readonly lastDay: string;
}

/** Whole days of the zone. Without an end: up to today. Without a beginning: thirty days before the end. */
export function reportDays(asked: AskedDays, timezone: string, now: number): ReportDays {
  const end = asked.end === undefined ? now : resolvePoint(asked.end, 'from', timezone);
  const start =
    asked.start === undefined
      ? startOfDayBefore(USUAL_DAYS, end, timezone)
      : resolvePoint(asked.start, 'from', timezone);
  const from = startOf('day', start, timezone);
  const to = startOfNext('day', end, timezone);
  if (from >= to) throw refuseParameter('end_date', 'must not lie before start_date');
  const firstDay = dayOf(from, timezone);
  const lastDay = dayOf(to - 1, timezone);
  if (epochDay(lastDay) - epochDay(firstDay) >= MAX_REPORT_DAYS) {
    throw refuseParameter('start_date', `a report covers at most ${MAX_REPORT_DAYS} days: shorten the range`);
  }
  return { from, to, firstDay, lastDay };
}
