/** Computes the cutoff of a retention in days: the first instant of a day in the tenant's zone. Pure. */
import { startOfDayBefore } from '../clock/days.ts';

/**
 * Today and the `days` days before it are kept; the answer is the first instant of the earliest of them (Unix ms), found
 * by the clock that cuts the day rollups, so that each of their rows lies on one side of it.
 *
 * @example cutoffOf(30, 'Asia/Kathmandu', Date.UTC(2026, 10, 22, 12)) // 2026-10-23 00:00 +05:45
 */
export function cutoffOf(days: number, timeZone: string, now: number): number {
  return startOfDayBefore(days, now, timeZone);
}

/** The stricter of the tenant's own and the instance's retention; null = no limit. */
export function effectiveDays(own: number | null, instance: number | null): number | null {
  if (own === null) return instance;
  return instance === null ? own : Math.min(own, instance);
}
