/** Lengths of time that every zone shares, in milliseconds. */

export const QUARTER_HOUR_MS = 900_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** Start of the quarter hour that `time` (Unix ms) lies in. Every zone's days begin on one, +05:45 included. */
export function quarterHour(time: number): number {
  return Math.floor(time / QUARTER_HOUR_MS) * QUARTER_HOUR_MS;
}
