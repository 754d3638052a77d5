/**
 * Local time in time zones. Only this file reads the platform's time-zone data, and it caches the answers: a chart asks
 * hundreds of times for the same days, the write path once per event.
 *
 * The database cuts the day rows, by time-zone data that may be of another version. Where the two differ the database
 * is right: {@link learnOffsets} stores its offsets, and every reader and writer of this process uses them at once
 * (`agree-on-days.ts`).
 *
 * All instants are Unix milliseconds.
 */
import { Temporal } from 'temporal-polyfill';
import { DAY_MS, HOUR_MS, QUARTER_HOUR_MS } from './lengths.ts';

/** A calendar day as days since 1970-01-01. */
export type EpochDay = number;

/** Offsets of one UTC day, one per quarter hour: clocks change, and days begin, on one. */
type DayOffsets = readonly number[];

interface Zone {
  /** By UTC day. */
  readonly days: Map<number, DayOffsets>;
  /** First instants, by local day. */
  readonly midnights: Map<EpochDay, number>;
  /** Offsets learned from the database, by UTC day and quarter hour. */
  readonly told: Map<number, Map<number, number>>;
  /** The database was asked about this zone. */
  agreed: boolean;
}

const QUARTERS = DAY_MS / QUARTER_HOUR_MS;
/** No zone is further ahead of UTC. */
const FURTHEST_AHEAD_MS = 15 * HOUR_MS;

/** Answers remembered over all zones, some 100 bytes each; past it they are asked again. */
const REMEMBERED = 100_000;
/** Days of the database's word that are kept over all zones, some 5 kB each; past it the database is asked again. */
const TOLD = 10_000;

let zones = new Map<string, Zone>();
let remembered = 0;
let told = 0;

/** A zone's offset from UTC at an instant, milliseconds. */
export function offsetAt(at: number, timezone: string): number {
  const day = Math.floor(at / DAY_MS);
  const offsets = zones.get(timezone)?.days.get(day) ?? rememberDay(day, timezone);
  return offsets[Math.floor((at - day * DAY_MS) / QUARTER_HOUR_MS)] ?? 0;
}

/** The calendar day an instant falls on. */
export function localDay(at: number, timezone: string): EpochDay {
  if (timezone === 'UTC') return Math.floor(at / DAY_MS);
  return Math.floor((at + offsetAt(at, timezone)) / DAY_MS);
}

/** The first instant of a calendar day; a day that begins in a clock change begins after it. */
export function midnight(day: EpochDay, timezone: string): number {
  const known = zones.get(timezone)?.midnights.get(day);
  if (known !== undefined) return known;
  let at = day * DAY_MS - FURTHEST_AHEAD_MS;
  while (localDay(at, timezone) < day) at += QUARTER_HOUR_MS;
  // The cache may have evicted the zone meanwhile, so it is looked up again.
  zoneOf(timezone).midnights.set(day, at);
  remembered += 1;
  return at;
}

/**
 * Takes the database's word on what a zone's clock is ahead of UTC (milliseconds), by instants on quarter hours. Days
 * are cut by it from now on.
 */
export function learnOffsets(
  timezone: string,
  offsets: Iterable<readonly [at: number, offset: number]>,
): void {
  if (told > TOLD) {
    zones = new Map();
    remembered = 0;
    told = 0;
  }
  const zone = zoneOf(timezone);
  for (const [at, offset] of offsets) {
    const day = Math.floor(at / DAY_MS);
    let quarters = zone.told.get(day);
    if (quarters === undefined) {
      quarters = new Map();
      zone.told.set(day, quarters);
      told += 1;
    }
    quarters.set(Math.floor((at - day * DAY_MS) / QUARTER_HOUR_MS), offset);
    zone.days.delete(day);
  }
  zone.midnights.clear();
}

/** True once the database was asked about a zone's days; its word on them was kept ever since. */
export const hasAgreed = (timezone: string): boolean =>
  timezone === 'UTC' || zones.get(timezone)?.agreed === true;

export function markAgreed(timezone: string): void {
  zoneOf(timezone).agreed = true;
}

function zoneOf(timezone: string): Zone {
  if (remembered > REMEMBERED) {
    // Offsets from the database are kept: the platform's would differ.
    for (const zone of zones.values()) {
      zone.days.clear();
      zone.midnights.clear();
    }
    remembered = 0;
  }
  let zone = zones.get(timezone);
  if (zone === undefined) {
    zone = { days: new Map(), midnights: new Map(), told: new Map(), agreed: false };
    zones.set(timezone, zone);
  }
  return zone;
}

/** If both ends of a UTC day have the same offset, the whole day has it: no zone moves its clock twice within a day. */
function rememberDay(day: number, timezone: string): DayOffsets {
  const zone = zoneOf(timezone);
  const begin = askPlatform(day * DAY_MS, timezone);
  const steady = begin === askPlatform((day + 1) * DAY_MS, timezone);
  const words = zone.told.get(day);
  const offsets =
    steady && words === undefined
      ? steadyDay(begin)
      : Array.from(
          { length: QUARTERS },
          (_, quarter) =>
            words?.get(quarter) ??
            (steady ? begin : askPlatform(day * DAY_MS + quarter * QUARTER_HOUR_MS, timezone)),
        );
  zone.days.set(day, offsets);
  remembered += 1;
  return offsets;
}

/** Days without a clock change share one list per offset. */
const steadyDays = new Map<number, DayOffsets>();

function steadyDay(offset: number): DayOffsets {
  let offsets = steadyDays.get(offset);
  if (offsets === undefined) {
    offsets = new Array<number>(QUARTERS).fill(offset);
    steadyDays.set(offset, offsets);
  }
  return offsets;
}

const askPlatform = (at: number, timezone: string): number =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timezone).offsetNanoseconds / 1e6;

/** True for a zone this runtime knows by its IANA name. Offsets such as +05:30 are none. */
export function isTimeZone(zone: string): boolean {
  if (/^[+-]/.test(zone)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
