/** When a local calendar day begins, by the calendar that cuts the day rollups. */
import { type LocalDay, QUARTER_HOUR_MS } from './calendar.ts';

const DAY_MS = 86_400_000;
/** No zone is further ahead of UTC. */
const FURTHEST_AHEAD_MS = 15 * 3_600_000;

/** First quarter hour (Unix ms) of a local calendar day given as days since 1970; days of 23 and 25 hours included. */
export function startOfLocalDay(day: number, timeZone: string, localDay: LocalDay): number {
  let at = day * DAY_MS - FURTHEST_AHEAD_MS;
  while (localDay(timeZone, at) < day) at += QUARTER_HOUR_MS;
  return at;
}
