/** What a `CostQuery` asks of a store: its buckets, its periods and the sums to read. Knows no tables. */
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
  /** Where one bucket ends and the next begins; empty for a single one. Ascending. */
  readonly innerEdges: readonly number[];
}

export interface CostPlan<F extends SumField = SumField> {
  readonly query: Pick<CostQuery<Measure>, 'groupBy' | 'filters' | 'rankBy' | 'limit'>;
  readonly buckets: readonly BucketSpan[];
  /** The asked period, then the one it is compared with. */
  readonly periods: readonly PlannedPeriod[];
  /** What is answered. */
  readonly fields: readonly F[];
  /** What has to be read for it: the answered fields, and those that ranking needs. */
  readonly readFields: readonly SumField[];
}

/** The sums that a query answers. */
export function answeredFields<M extends Measure>(query: CostQuery<M>): readonly FieldOf<M>[] {
  // Where measures are left out, M is StandardMeasure: so says the type's default.
  return fieldsOf(query.measures ?? (STANDARD_MEASURES as readonly Measure[] as readonly M[]));
}

/** Plans a query. Refuses more buckets than an answer holds; what else is refused is the store's to say. */
export function planCostQuery<M extends Measure>(query: CostQuery<M>): CostPlan<FieldOf<M>> {
  const buckets = query.bucket === null ? [] : resolveBuckets(query, query.timezone, query.bucket);
  const edges = buckets.slice(1).map((span) => span.start);
  const periods: PlannedPeriod[] = [{ which: 'current', from: query.from, to: query.to, innerEdges: edges }];
  if (query.compare !== null) {
    const shift = comparisonShift(query.compare, query.from, query.to, query.timezone);
    const previous = { from: shift(query.from), to: shift(query.to) };
    // A shifted edge that cuts a quarter hour would leave it to single events: where such a bucket ends is ours to say.
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
