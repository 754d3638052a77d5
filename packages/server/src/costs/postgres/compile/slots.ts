/**
 * Which bucket of which period a row falls into: slot n ≥ 0 is bucket n of the requested period, slot −1−n is bucket n
 * of the compared one.
 */
import { epochDay } from '../../../clock/days.ts';
import { type CoverPiece, dayKey, nearestMidnight } from '../cover.ts';
import type { CoveredPeriod } from '../pieces.ts';
import { type Parameters, TIME_COLUMNS } from './columns.ts';

/** The slot of a row of either period. */
export function periodSlotSql(
  periods: readonly { readonly period: CoveredPeriod; readonly pieces: readonly CoverPiece[] }[],
  parameters: Parameters,
): string {
  const slots = periods.map(({ period, pieces }) => slotSql(period, pieces, parameters));
  const [first = '0', second] = slots;
  // The current period comes first.
  return second === undefined ? first : `case when period = 1 then ${first} else ${second} end`;
}

/** An instant as the table's time column spells it. */
export const timeKey = (at: number, zone: string | null): string =>
  zone === null ? new Date(at).toISOString() : dayKey(at, zone);

export function slotSql(
  period: CoveredPeriod,
  pieces: readonly CoverPiece[],
  parameters: Parameters,
): string {
  const bucket = bucketSql(period, pieces, parameters);
  return period.which === 'current' ? bucket : `-1 - ${bucket}`;
}

/** Number of the bucket a row's time falls into: how many inner edges are not after it. */
function bucketSql(period: CoveredPeriod, pieces: readonly CoverPiece[], parameters: Parameters): string {
  const [piece] = pieces;
  const from = Math.min(...pieces.map((one) => one.from));
  const to = Math.max(...pieces.map((one) => one.to));
  // Day rows are assigned to buckets by the midnight nearest to each edge.
  const { zone = null } = piece ?? {};
  const all =
    zone === null ? period.innerEdges : period.innerEdges.map((edge) => nearestMidnight(edge, zone));
  const before = all.filter((edge) => edge <= from).length;
  const inside = all.filter((edge) => edge > from && edge < to);
  if (inside.length === 0 || piece === undefined) return String(before);
  const time = TIME_COLUMNS[piece.source];
  const edges = inside.map((edge) => timeKey(edge, piece.zone));
  if (piece.zone === null)
    return `(${before} + width_bucket(${time}, ${parameters.put(edges, 'timestamptz[]')}))`;
  const [first = ''] = edges;
  // One bucket a day: their distance is the number, at a fraction of the time.
  const days = [timeKey(from, piece.zone), ...edges, timeKey(to, piece.zone)];
  const daily = days.every((day, index) => daysBetween(first, day) === index - 1);
  return daily
    ? `(${before} + (${time} - ${parameters.put(first, 'date')}) + 1)`
    : `(${before} + width_bucket(${time}, ${parameters.put(edges, 'date[]')}))`;
}

const daysBetween = (first: string, second: string): number => epochDay(second) - epochDay(first);
