/** Stretches of time, and how they are written. All instants are Unix milliseconds. */
import { dayOf } from './days.ts';

/** A half-open interval, Unix milliseconds. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** Years that the ledger accepts: from the start of the first up to the start of the last. */
export const FIRST_YEAR = 2000;
export const LAST_YEAR = 2100;

/** Beginning and end of time: every event lies between. */
export const EARLIEST = Date.UTC(FIRST_YEAR, 0, 1);
export const LATEST = Date.UTC(LAST_YEAR, 0, 1);

/** An interval in words: `2026-11-22`, `2026-11-01 – 2026-11-22`. */
export function periodLabel(from: number, to: number, timezone: string): string {
  const first = dayOf(from, timezone);
  const last = dayOf(Math.max(from, to - 1), timezone);
  return first === last ? first : `${first} – ${last}`;
}

export const toRfc3339 = (at: number): string => new Date(at).toISOString();
