/** The time of a call that states none: one rule for the command line and every door of the server. */

const EARLIEST_MS = Date.UTC(2020, 0, 1);

/** How far ahead of our clock a provider's or a caller's may be. */
export const LATEST_AHEAD_MS = 86_400_000;

/**
 * The response's own creation time (given in Unix seconds) in Unix milliseconds, or `now` where it has none or an
 * impossible one: before 2020, or more than a day ahead.
 *
 * @example creationTime(1_790_000_000, Date.now())
 */
export function creationTime(createdAt: number | null, now: number): number {
  const time = createdAt === null ? now : createdAt * 1000;
  return time >= EARLIEST_MS && time <= now + LATEST_AHEAD_MS ? time : now;
}
