/** Which tables together cover an interval exactly: whole days, whole quarter hours, and the ragged ends from events. */

import { startOf, startOfNext } from '../../clock/buckets.ts';
import { dayOf } from '../../clock/days.ts';
import type { Interval } from '../../clock/interval.ts';
import { HOUR_MS, QUARTER_HOUR_MS } from '../../clock/lengths.ts';

import type { ScopedTenant } from '../scoped-tenant.ts';

/** The table that answers a stretch of time. */
export type Source = 'rollups_day' | 'rollups_15m' | 'usage_events';

/** Buckets that lie closer are hours, or days that a change of clocks made odd: they are read by quarter hours. */
const SHORTEST_DAY_MS = 20 * HOUR_MS;

/** A stretch answered by one table for some tenants. */
export interface CoverPiece {
  readonly source: Source;
  readonly from: number;
  readonly to: number;
  readonly tenants: readonly string[];
  /** The zone whose days these are; null for other tables. */
  readonly zone: string | null;
  /** −1: to be subtracted. */
  readonly sign: 1 | -1;
  /** Quarter hours, by number, that are in the day rows of one bucket but belong to another; null: nothing moves. */
  readonly moved: { readonly from: number; readonly to: number } | null;
}

/** The stretch to cover. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  /** Edges between buckets. */
  readonly innerEdges: readonly number[];
}

/**
 * Cuts a stretch into pieces, preferring the coarsest table. For each tenant, the added pieces minus the subtracted
 * ones are exactly the stretch. Day rows are used where buckets are days or longer: a day that is mostly inside is
 * added whole and its outside part subtracted. Where a bucket does not end with a day of the tenant's reporting zone,
 * the quarter hours between move from one bucket to the other. `rollupsKnow` false: only events can answer.
 */
export function cover(
  stretch: Stretch,
  tenants: readonly ScopedTenant[],
  rollupsKnow: boolean,
): CoverPiece[] {
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
      pieces.push({ source: 'rollups_day', ...days, tenants: names, zone, sign: 1, moved: null });
      pieces.push(...moved(days, innerEdges, names, zone));
      pieces.push(...added('rollups_15m', first, days.from, names));
      pieces.push(...added('rollups_15m', days.to, last, names));
      pieces.push(...subtracted(days.from, first, names));
      pieces.push(...subtracted(last, days.to, names));
    }
  }
  return pieces;
}

function added(source: Source, from: number, to: number, tenants: readonly string[]): CoverPiece[] {
  return from < to ? [{ source, from, to, tenants, zone: null, sign: 1, moved: null }] : [];
}

function subtracted(from: number, to: number, tenants: readonly string[]): CoverPiece[] {
  return added('rollups_15m', from, to, tenants).map((piece) => ({ ...piece, sign: -1 }));
}

/** The stretch between an edge and the midnight at which its day rows are divided. */
function moved(
  days: Interval,
  innerEdges: readonly number[],
  tenants: readonly string[],
  zone: string,
): CoverPiece[] {
  return innerEdges.flatMap((edge, bucket) => {
    const midnight = nearestMidnight(edge, zone);
    const from = Math.max(Math.min(edge, midnight), days.from);
    const to = Math.min(Math.max(edge, midnight), days.to);
    const [left, right] = [bucket, bucket + 1];
    const move = midnight < edge ? { from: right, to: left } : { from: left, to: right };
    return added('rollups_15m', from, to, tenants).map((piece) => ({ ...piece, moved: move }));
  });
}

/** The days of a zone that come nearest to a stretch; null where quarter hours are the shorter way. */
function daysAbout(from: number, to: number, innerEdges: readonly number[], zone: string) {
  if (innerEdges.some((edge, index) => edge - (innerEdges[index - 1] ?? -Infinity) < SHORTEST_DAY_MS))
    return null;
  const days = { from: nearestMidnight(from, zone), to: nearestMidnight(to, zone) };
  const beside = Math.abs(days.from - from) + Math.abs(days.to - to);
  return days.from < days.to && beside < to - from ? days : null;
}

/** The midnight of a zone that an instant is nearest to; the later one in the middle. */
export function nearestMidnight(at: number, zone: string): number {
  const before = startOf('day', at, zone);
  const after = startOfNext('day', at, zone);
  return at - before < after - at ? before : after;
}

/** True where an instant is a boundary of 15-minute buckets. */
const isQuarterHour = (at: number): boolean => at % QUARTER_HOUR_MS === 0;

/** The calendar day that begins at an instant, as the day table's key. */
export const dayKey = dayOf;
