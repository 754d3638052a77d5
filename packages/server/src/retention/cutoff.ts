/** Where a retention of so many days ends: the first instant of a day in the tenant's own zone. Pure. */
import { type LocalDay, QUARTER_HOUR_MS } from '../rollups/calendar.ts';

const DAY_MS = 86_400_000;
/** No zone is further ahead of UTC: the local day cannot begin earlier than this before the UTC day. */
const FURTHEST_AHEAD_MS = 15 * 3_600_000;

/**
 * Today and the `days` days before it are kept; the answer is the first instant of the earliest of them (Unix ms), found
 * with the calendar that cuts the day rollups, so that each of their rows lies on one side of it.
 *
 * @example cutoffOf(30, 'Asia/Kathmandu', Date.UTC(2026, 10, 22, 12), createLocalDay()) // 2026-10-23 00:00 +05:45
 */
export function cutoffOf(days: number, timeZone: string, now: number, localDay: LocalDay): number {
  return startOfLocalDay(localDay(timeZone, now) - days, timeZone, localDay);
}

/** First quarter hour (Unix ms) of a local calendar day given as days since 1970. */
export function startOfLocalDay(day: number, timeZone: string, localDay: LocalDay): number {
  let at = day * DAY_MS - FURTHEST_AHEAD_MS;
  while (localDay(timeZone, at) < day) at += QUARTER_HOUR_MS;
  return at;
}

/** The stricter of the tenant's own and the instance's retention; null = for ever. */
export function effectiveDays(own: number | null, instance: number | null): number | null {
  if (own === null) return instance;
  return instance === null ? own : Math.min(own, instance);
}
