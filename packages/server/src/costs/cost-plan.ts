/** Turns a `CostQuery` into a plan for a store: buckets, periods and the sums to read. Knows no tables. */
import type { BucketSpan } from '../clock/buckets.ts';
import { comparisonShift } from '../clock/comparison.ts';
import type { Interval } from '../clock/interval.ts';
import { quarterHour } from '../clock/lengths.ts';
import { resolveBuckets } from '../parameters/time-range.ts';
import type { CostQuery, Dimension } from './cost-query.ts';
import { type FieldOf, fieldsOf, type Measure, STANDARD_MEASURES } from './measures.ts';
import type { SumField } from './sums.ts';

/** One of the two periods that are summed. */
export interface PlannedPeriod extends Interval {
  readonly which: 'current' | 'previous';
  /** Edges between buckets, ascending; empty for a single bucket. */
  readonly innerEdges: readonly number[];
}

export interface CostPlan<F extends SumField = SumField> {
  readonly query: Pick<CostQuery<Measure>, 'groupBy' | 'filters' | 'rankBy' | 'limit'>;
  readonly buckets: readonly BucketSpan[];
  /** The requested period, then the one it is compared with. */
  readonly periods: readonly PlannedPeriod[];
  /** Measures to return. */
  readonly fields: readonly F[];
  /** Sums to read: those of the returned measures and of the ranking. */
  readonly readFields: readonly SumField[];
}

/** The sums that a query answers. */
export function answeredFields<M extends Measure>(query: CostQuery<M>): readonly FieldOf<M>[] {
  // Without `measures`, M is StandardMeasure, the default of the type.
  return fieldsOf(query.measures ?? (STANDARD_MEASURES as readonly Measure[] as readonly M[]));
}

/** Plans a query. Refuses more buckets than an answer holds; the store makes all other checks. */
export function planCostQuery<M extends Measure>(query: CostQuery<M>): CostPlan<FieldOf<M>> {
  const buckets = query.bucket === null ? [] : resolveBuckets(query, query.timezone, query.bucket);
  const edges = buckets.slice(1).map((span) => span.start);
  const periods: PlannedPeriod[] = [{ which: 'current', from: query.from, to: query.to, innerEdges: edges }];
  if (query.compare !== null) {
    const shift = comparisonShift(query.compare, query.from, query.to, query.timezone);
    const previous = { from: shift(query.from), to: shift(query.to) };
    // A shifted edge inside a quarter hour would need single events. It is moved instead: the caller did not choose it.
    const shifted = edges.map((edge) => within(previous, quarterHour(shift(edge))));
    periods.push({ which: 'previous', ...previous, innerEdges: shifted });
  }
  const fields = answeredFields(query);
  return {
    query,
    buckets,
    periods,
    fields,
    readFields: [...new Set<SumField>([...fields, ...fieldsOf([query.rankBy])])],
  };
}

/** Every dimension that a query groups or filters by. */
export function* dimensionsOf(query: Pick<CostQuery<Measure>, 'groupBy' | 'filters'>): Iterable<Dimension> {
  yield* query.groupBy;
  yield* Object.keys(query.filters) as Dimension[];
}

const within = ({ from, to }: Interval, at: number): number => Math.min(Math.max(at, from), to);
