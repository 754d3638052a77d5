/** When an event happened, within what the ledger keeps. */
import { Rejection } from './rejection.ts';

/** Unix milliseconds; partitions and price cards begin here. */
export const EARLIEST_TIME = Date.UTC(2020, 0, 1);
/** How far ahead of our clock a caller's may be. */
export const LATEST_AHEAD_MS = 86_400_000;

/** A time the caller stated. @throws Rejection `time_out_of_range`. */
export function givenTime(time: number, now: number, path: string): number {
  if (time >= EARLIEST_TIME && time <= now + LATEST_AHEAD_MS) return time;
  throw new Rejection(
    'time_out_of_range',
    'The time must lie between 2020-01-01 and 24 hours from now.',
    path,
  );
}

/** The response's own creation time (Unix seconds) where it is one, else now. */
export function responseTime(createdAt: number | null, now: number): number {
  const time = createdAt === null ? now : createdAt * 1000;
  return time >= EARLIEST_TIME && time <= now + LATEST_AHEAD_MS ? time : now;
}
