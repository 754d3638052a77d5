/** When a cron schedule comes round next. */

const MINUTE_MS = 60_000;
/** Further ahead nothing is looked for: a schedule that rare is not one of ours. */
const HORIZON_MINUTES = 32 * 24 * 60;

/** Says whether a UTC minute belongs to a schedule: the matcher of a parsed cron item. */
export type Matches = (minute: {
  readonly min: number;
  readonly hour: number;
  readonly date: number;
  readonly month: number;
  readonly dow: number;
}) => boolean;

/** The first matching minute after `after` (Unix milliseconds); null where none comes within a month. */
export function nextRun(matches: Matches, after: number): Date | null {
  let at = Math.floor(after / MINUTE_MS) * MINUTE_MS;
  for (let step = 0; step < HORIZON_MINUTES; step += 1) {
    at += MINUTE_MS;
    const minute = new Date(at);
    const found = matches({
      min: minute.getUTCMinutes(),
      hour: minute.getUTCHours(),
      date: minute.getUTCDate(),
      month: minute.getUTCMonth() + 1,
      dow: minute.getUTCDay(),
    });
    if (found) return minute;
  }
  return null;
}
