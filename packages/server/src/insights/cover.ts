/** Which tables together cover an interval exactly: whole days, whole quarter hours, and the ragged ends from events. */
import { DAY_MS, dayOf, isDayStart, QUARTER_HOUR_MS, startOf, startOfNext } from './calendar.ts';
import type { Source } from './cost-query.ts';
import type { ScopedTenant } from './scope.ts';

/** A stretch answered by one table for some tenants. */
export interface Piece {
  readonly source: Source;
  readonly from: number;
  readonly to: number;
  readonly tenants: readonly string[];
  /** The zone whose days these are; null for other tables. */
  readonly zone: string | null;
  /** −1: to be subtracted. */
  readonly sign: 1 | -1;
}

/** What is to be covered. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  /** Where one bucket ends and the next begins. */
  readonly innerEdges: readonly number[];
}

/**
 * Cuts a stretch into pieces, coarsest table first choice. For each tenant they make up the stretch: what is added, less
 * what is subtracted. Day rows answer for the tenants in whose reporting zone every inner edge is a midnight, so that
 * no day is cut; a day that is mostly inside is added whole and the rest of it subtracted. `rollupsKnow` false: only
 * events know what is asked.
 */
export function cover(stretch: Stretch, tenants: readonly ScopedTenant[], rollupsKnow: boolean): Piece[] {
  const { from, to, innerEdges } = stretch;
  const ids = tenants.map((tenant) => tenant.id);
  if (from >= to || ids.length === 0) return [];
  const events = (start: number, end: number) => added('usage_events', start, end, ids);
  const first = Math.ceil(from / QUARTER_HOUR_MS) * QUARTER_HOUR_MS;
  const last = Math.floor(to / QUARTER_HOUR_MS) * QUARTER_HOUR_MS;
  if (!rollupsKnow || first >= last || !innerEdges.every(isQuarterHour)) return events(from, to);
  const pieces = [...events(from, first), ...events(last, to)];
  for (const [zone, own] of Map.groupBy(tenants, (tenant) => tenant.timezone)) {
    const names = own.map((tenant) => tenant.id);
    const days = daysAbout(first, last, innerEdges, zone);
    if (days === null) pieces.push(...added('rollups_15m', first, last, names));
    else {
      pieces.push({ source: 'rollups_day', ...days, tenants: names, zone, sign: 1 });
      pieces.push(...added('rollups_15m', first, days.from, names));
      pieces.push(...added('rollups_15m', days.to, last, names));
      pieces.push(...subtracted(days.from, first, names));
      pieces.push(...subtracted(last, days.to, names));
    }
  }
  return pieces;
}

function added(source: Source, from: number, to: number, tenants: readonly string[]): Piece[] {
  return from < to ? [{ source, from, to, tenants, zone: null, sign: 1 }] : [];
}

function subtracted(from: number, to: number, tenants: readonly string[]): Piece[] {
  return added('rollups_15m', from, to, tenants).map((piece) => ({ ...piece, sign: -1 }));
}

/** The days of a zone that come nearest to a stretch; null where there are none or an edge would cut one. */
function daysAbout(from: number, to: number, innerEdges: readonly number[], zone: string) {
  if (!innerEdges.every((edge) => isDayStart(edge, zone))) return null;
  const days = { from: nearestMidnight(from, zone), to: nearestMidnight(to, zone) };
  return days.from < days.to ? days : null;
}

function nearestMidnight(at: number, zone: string): number {
  const before = startOf('day', at, zone);
  const after = startOfNext('day', at, zone);
  return at - before < after - at ? before : after;
}

/** True where an instant is a boundary of 15-minute buckets. */
const isQuarterHour = (at: number): boolean => at % QUARTER_HOUR_MS === 0;

/** The calendar day that begins at an instant, as the day table's key. */
export const dayKey = dayOf;

export const daysIn = (from: number, to: number): number => (to - from) / DAY_MS;
