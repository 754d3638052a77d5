/**
 * Midnights and offsets of time zones. Asking the platform's data takes tens of microseconds a time, a chart asks
 * hundreds of times and always for the same days: answers are remembered. Where the database's data is of another
 * version, its word counts, since it has cut the day rows (`agree-on-days.ts`). All instants are Unix milliseconds.
 */
import { Temporal } from 'temporal-polyfill';

export const QUARTER_HOUR_MS = 900_000;
export const DAY_MS = 86_400_000;

/** A calendar day as days since 1970-01-01. */
export type EpochDay = number;

/** Answers remembered over all zones, some 100 bytes each; past it they are asked again. */
const REMEMBERED = 100_000;

interface Zone {
  /** By epoch day. */
  readonly midnights: Map<number, number>;
  /** By quarter hour: offsets change on one. */
  readonly offsets: Map<number, number>;
}

let zones = new Map<string, Zone>();
let remembered = 0;
/** What the platform says otherwise; never forgotten. */
const learned = new Map<string, Zone>();

/** Takes the database's word: offsets by instants on quarter hours, and the days that begin otherwise than here. */
export function learnClock(
  timezone: string,
  offsets: Iterable<readonly [at: number, offset: number]>,
  days: Iterable<EpochDay>,
): void {
  const zone = learned.get(timezone) ?? { midnights: new Map(), offsets: new Map() };
  learned.set(timezone, zone);
  const ordered = [...offsets].sort(([a], [b]) => a - b);
  for (const [at, offset] of ordered) zone.offsets.set(Math.floor(at / QUARTER_HOUR_MS), offset);
  for (const day of days) {
    const start = ordered.find(([at, offset]) => Math.floor((at + offset) / DAY_MS) >= day);
    if (start !== undefined) zone.midnights.set(day, start[0]);
  }
}

function zoneOf(timezone: string): Zone {
  if (remembered > REMEMBERED) {
    zones = new Map();
    remembered = 0;
  }
  let zone = zones.get(timezone);
  if (zone === undefined) {
    zone = { midnights: new Map(), offsets: new Map() };
    zones.set(timezone, zone);
  }
  return zone;
}

function remember(known: Map<number, number>, key: number, ask: () => number): number {
  const there = known.get(key);
  if (there !== undefined) return there;
  const answer = ask();
  known.set(key, answer);
  remembered += 1;
  return answer;
}

/** What a zone's clock is ahead of UTC at an instant, milliseconds. */
export function offsetAt(at: number, timezone: string): number {
  const quarter = Math.floor(at / QUARTER_HOUR_MS);
  const told = learned.get(timezone)?.offsets.get(quarter);
  if (told !== undefined) return told;
  return remember(
    zoneOf(timezone).offsets,
    quarter,
    () =>
      Temporal.Instant.fromEpochMilliseconds(quarter * QUARTER_HOUR_MS).toZonedDateTimeISO(timezone)
        .offsetNanoseconds / 1e6,
  );
}

/** The calendar day an instant falls on. */
export function localDay(at: number, timezone: string): EpochDay {
  return Math.floor((at + offsetAt(at, timezone)) / DAY_MS);
}

/** The first instant of a calendar day; a day that begins in a clock change begins after it. */
export function midnight(day: EpochDay, timezone: string): number {
  const told = learned.get(timezone)?.midnights.get(day);
  if (told !== undefined) return told;
  return remember(
    zoneOf(timezone).midnights,
    day,
    () => plainDate(day).toZonedDateTime(timezone).epochMilliseconds,
  );
}

let printed = new Map<EpochDay, string>();

/** A day as text, `2026-11-22`. */
export function printDay(day: EpochDay): string {
  let text = printed.get(day);
  if (text === undefined) {
    if (printed.size > REMEMBERED) printed = new Map();
    text = new Date(day * DAY_MS).toISOString().slice(0, 10);
    printed.set(day, text);
  }
  return text;
}

export const plainDate = (day: EpochDay): Temporal.PlainDate => Temporal.PlainDate.from(printDay(day));
