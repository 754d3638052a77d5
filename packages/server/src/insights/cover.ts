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
}

/** What is to be covered. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  /** Where one bucket ends and the next begins. */
  readonly innerEdges: readonly number[];
}

/**
 * Cuts a stretch into pieces, coarsest table first choice. For each tenant their union is the stretch, without
 * overlap. Day rows answer for the tenants in whose reporting zone every inner edge is a midnight, so that no day is
 * cut. `rollupsKnow` false: only events know what is asked.
 */
export function cover(stretch: Stretch, tenants: readonly ScopedTenant[], rollupsKnow: boolean): Piece[] {
  const { from, to, innerEdges } = stretch;
  const ids = tenants.map((tenant) => tenant.id);
  if (from >= to || ids.length === 0) return [];
  const events = (start: number, end: number) => piecesOf('usage_events', start, end, ids, null);
  const first = Math.ceil(from / QUARTER_HOUR_MS) * QUARTER_HOUR_MS;
  const last = Math.floor(to / QUARTER_HOUR_MS) * QUARTER_HOUR_MS;
  if (!rollupsKnow || first >= last || !innerEdges.every(isQuarterHour)) return events(from, to);
  const pieces = [...events(from, first), ...events(last, to)];
  for (const [zone, own] of Map.groupBy(tenants, (tenant) => tenant.timezone)) {
    const names = own.map((tenant) => tenant.id);
    const days = daysWithin(first, last, innerEdges, zone);
    if (days === null) pieces.push(...piecesOf('rollups_15m', first, last, names, null));
    else {
      pieces.push(...piecesOf('rollups_15m', first, days.from, names, null));
      pieces.push(...piecesOf('rollups_day', days.from, days.to, names, zone));
      pieces.push(...piecesOf('rollups_15m', days.to, last, names, null));
    }
  }
  return pieces;
}

function piecesOf(
  source: Source,
  from: number,
  to: number,
  tenants: readonly string[],
  zone: string | null,
): Piece[] {
  return from < to ? [{ source, from, to, tenants, zone }] : [];
}

/** The whole days of a zone in a stretch; null where there are none or an edge would cut one. */
function daysWithin(from: number, to: number, innerEdges: readonly number[], zone: string) {
  const days = { from: ceilDay(from, zone), to: startOf('day', to, zone) };
  return days.from < days.to && innerEdges.every((edge) => isDayStart(edge, zone)) ? days : null;
}

function ceilDay(at: number, zone: string): number {
  return isDayStart(at, zone) ? at : startOfNext('day', at, zone);
}

/** True where an instant is a boundary of 15-minute buckets. */
const isQuarterHour = (at: number): boolean => at % QUARTER_HOUR_MS === 0;

/** The calendar day that begins at an instant, as the day table's key. */
export const dayKey = dayOf;

export const daysIn = (from: number, to: number): number => (to - from) / DAY_MS;
