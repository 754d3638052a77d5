/** Which tables together cover an interval exactly: whole days, whole quarter hours, and the ragged ends from events. */
import { Temporal } from 'temporal-polyfill';
import { DAY_MS, QUARTER_HOUR_MS, startOf, startOfNext } from './calendar.ts';
import type { Source } from './cost-query.ts';

/** A stretch answered by one table. */
export interface Piece {
  readonly source: Source;
  readonly from: number;
  readonly to: number;
}

/** What may answer: day rows only where their zone is the asked one and every inner edge is a midnight. */
export interface Coverage {
  /** Zone of the day rows, or null where they must not answer. */
  readonly dayZone: string | null;
  /** False: only events know what is asked. */
  readonly rollups: boolean;
}

/** Cuts `[from, to)` into pieces, coarsest table first choice. Their union is the interval, without overlap. */
export function cover(from: number, to: number, coverage: Coverage): Piece[] {
  if (from >= to) return [];
  if (!coverage.rollups) return [{ source: 'usage_events', from, to }];
  if (coverage.dayZone === null) return coverByQuarterHours(from, to);
  const firstDay = ceilDay(from, coverage.dayZone);
  const lastDay = startOf('day', to, coverage.dayZone);
  if (firstDay >= lastDay) return coverByQuarterHours(from, to);
  return [
    ...coverByQuarterHours(from, firstDay),
    { source: 'rollups_day', from: firstDay, to: lastDay },
    ...coverByQuarterHours(lastDay, to),
  ];
}

function coverByQuarterHours(from: number, to: number): Piece[] {
  const first = Math.ceil(from / QUARTER_HOUR_MS) * QUARTER_HOUR_MS;
  const last = Math.floor(to / QUARTER_HOUR_MS) * QUARTER_HOUR_MS;
  if (first >= last) return events(from, to);
  return [...events(from, first), { source: 'rollups_15m', from: first, to: last }, ...events(last, to)];
}

const events = (from: number, to: number): Piece[] =>
  from < to ? [{ source: 'usage_events', from, to }] : [];

function ceilDay(at: number, zone: string): number {
  const start = startOf('day', at, zone);
  return start === at ? at : startOfNext('day', at, zone);
}

/** True where an instant is a boundary of 15-minute buckets. */
export const isQuarterHour = (at: number): boolean => at % QUARTER_HOUR_MS === 0;

/** True where an instant is a midnight of the zone. */
export const isDayStart = (at: number, zone: string): boolean => startOf('day', at, zone) === at;

/** The calendar day that begins at an instant, as the day table's key. */
export function dayKey(at: number, zone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDate().toString();
}

export const daysIn = (from: number, to: number): number => (to - from) / DAY_MS;
