/** How a `CostQuery` will be answered: from which tables, in which pieces, reading which sums. */
import type { BucketSpan } from '../clock/buckets.ts';
import { comparisonShift } from '../clock/comparison.ts';
import type { Interval } from '../clock/interval.ts';
import { QUARTER_HOUR_MS } from '../clock/lengths.ts';
import { refuseParameter } from '../parameters/refuse.ts';
import { resolveBuckets } from '../parameters/time-range.ts';
import { type CostQuery, type Dimension, MAX_EVENT_SCAN_DAYS, ROLLUP_DIMENSIONS } from './cost-query.ts';
import { type FieldOf, fieldsOf, type Measure, STANDARD_MEASURES } from './measures.ts';
import { type FurtherDimension, type RollupReach, rollupReach } from './postgres/compile-columns.ts';
import { cover, daysIn, type Piece } from './postgres/cover.ts';
import type { InsightScope } from './scope.ts';
import type { SumField } from './sums.ts';
import { gonePieces, refuseGone } from './watermark.ts';

/** One of the two periods a statement sums, cut into pieces. */
export interface PlannedPeriod extends Interval {
  readonly which: 'current' | 'previous';
  readonly pieces: readonly Piece[];
  /** Where one bucket ends and the next begins; empty for a single one. Ascending. */
  readonly innerEdges: readonly number[];
}

export interface CostPlan {
  readonly query: Pick<CostQuery<Measure>, 'groupBy' | 'filters' | 'rankBy' | 'limit'>;
  readonly buckets: readonly BucketSpan[];
  /** Whether rollups answer, but for ragged ends. */
  readonly byRollups: boolean;
  /** The one dimension that the rollups are read by beside their core; null: none, or only events are read. */
  readonly further: FurtherDimension | null;
  /** The asked period, then the one it is compared with. */
  readonly periods: readonly PlannedPeriod[];
  /** What is answered. */
  readonly fields: readonly SumField[];
  /** What has to be read for it: the answered fields, and those that ranking needs. */
  readonly readFields: readonly SumField[];
}

/** The sums that a query answers. */
export function answeredFields<M extends Measure>(query: CostQuery<M>): readonly FieldOf<M>[] {
  // Where measures are left out, M is StandardMeasure: so says the type's default.
  return fieldsOf(query.measures ?? (STANDARD_MEASURES as readonly Measure[] as readonly M[]));
}

/**
 * Plans a query over the scope's tenants. Refuses more buckets than an answer holds, and a question to single events
 * over more than {@link MAX_EVENT_SCAN_DAYS} days or from before a tenant's watermark; a compared period that begins or
 * ends there is read by whole quarter hours. `eventsOnly` leaves rollups out where they would do.
 */
export function planCostQuery<M extends Measure>(
  scope: Pick<InsightScope, 'tenants'>,
  query: CostQuery<M>,
  { eventsOnly = false } = {},
): CostPlan {
  const buckets = query.bucket === null ? [] : resolveBuckets(query, query.timezone, query.bucket);
  const reach: RollupReach = eventsOnly ? { known: false } : rollupReach(dimensionsOf(query));
  const edges = buckets.slice(1).map((span) => span.start);
  const plan = (which: PlannedPeriod['which'], interval: Interval, innerEdges: readonly number[]) => ({
    which,
    ...interval,
    pieces: piecesOf(scope, query, reach, { ...interval, which, innerEdges }),
    innerEdges,
  });
  const periods = [plan('current', { from: query.from, to: query.to }, edges)];
  if (query.compare !== null) {
    const shift = comparisonShift(query.compare, query.from, query.to, query.timezone);
    const previous = { from: shift(query.from), to: shift(query.to) };
    const shifted = edges.map((edge) => within(previous, floorQuarterHour(shift(edge))));
    periods.push(plan('previous', previous, shifted));
  }
  const fields = answeredFields(query);
  return {
    query,
    buckets,
    byRollups: reach.known,
    further: reach.known ? reach.further : null,
    periods,
    fields,
    readFields: [...new Set<SumField>([...fields, ...fieldsOf([query.rankBy])])],
  };
}

/**
 * The pieces of one period, of those that {@link planCostQuery} does not refuse. A compared period goes without single
 * events that are gone.
 */
export function piecesOf(
  scope: Pick<InsightScope, 'tenants'>,
  query: Asked,
  reach: RollupReach,
  { which, from, to, innerEdges }: Omit<PlannedPeriod, 'pieces'>,
): readonly Piece[] {
  if (!reach.known && daysIn(from, to) > MAX_EVENT_SCAN_DAYS) throw refuseScan(query);
  const pieces = cover({ from, to, innerEdges }, scope.tenants, reach.known);
  const gone = gonePieces(pieces, scope.tenants);
  if (gone.length === 0) return pieces;
  const ragged = reach.known && pieces.length > gone.length;
  if (!(which === 'previous' && ragged)) throw refuseGone(scope.tenants, ragged);
  return pieces.filter((piece) => !gone.includes(piece));
}

type Asked = Pick<CostQuery<Measure>, 'groupBy' | 'filters'>;

/** Every dimension that a query groups or filters by. */
export function* dimensionsOf(query: Asked): Iterable<Dimension> {
  yield* query.groupBy;
  yield* Object.keys(query.filters) as Dimension[];
}

/** A shifted edge that cuts a quarter hour would leave it to single events: where such a bucket ends is ours to say. */
const floorQuarterHour = (at: number): number => Math.floor(at / QUARTER_HOUR_MS) * QUARTER_HOUR_MS;

const within = ({ from, to }: Interval, at: number): number => Math.min(Math.max(at, from), to);

function refuseScan(query: Asked) {
  const names = [...new Set(dimensionsOf(query))].join(', ');
  return refuseParameter(
    'from',
    `${names} together are answered from single events, over at most ${MAX_EVENT_SCAN_DAYS} days: shorten the range, or ask by only one of ${ROLLUP_DIMENSIONS.join(', ')} or a tag at a time, beside provider, model, operation and tenant`,
  );
}
