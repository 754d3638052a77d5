/** Answers a `CostQuery`: plans which tables serve it, runs the one statement, puts the rows together. */
import { bucketSpans, comparisonShift } from './calendar.ts';
import { rollupDimension } from './compile-columns.ts';
import { compileCostPlan, type PlannedPeriod } from './compile-cost-query.ts';
import {
  type BucketSpan,
  type CostAnswer,
  type CostCell,
  type CostGroup,
  type CostQuery,
  type Dimension,
  MAX_EVENT_SCAN_DAYS,
} from './cost-query.ts';
import { type Coverage, cover, daysIn, isDayStart, isQuarterHour } from './cover.ts';
import { refuseParameter } from './refuse.ts';
import type { InsightScope } from './scope.ts';
import { addSums, NO_SUMS, readSums, type SumRow, type Sums } from './sums.ts';

/**
 * Sums the events a scope may see. Rollups answer where they can, events the ragged ends of the interval and
 * whatever no rollup knows, then over at most {@link MAX_EVENT_SCAN_DAYS} days.
 *
 * @example
 * const answer = await runCostQuery(scope, { from, to, timezone: 'Europe/Berlin', bucket: 'day', groupBy: ['model'],
 *   filters: {}, rankBy: 'cost', compare: 'previous_period', limit: 8 });
 */
export async function runCostQuery(scope: InsightScope, query: CostQuery): Promise<CostAnswer> {
  const buckets =
    query.bucket === null ? [] : bucketSpans(query.from, query.to, query.timezone, query.bucket);
  const previous = comparedPeriod(query);
  const dimension = rollupDimension(dimensionsOf(query));
  const edges = buckets.slice(1).map((span) => span.start);
  const periods = [planPeriod('current', query, edges, scope, query, dimension !== null)];
  if (previous !== null) {
    const shifted = edges.map((edge) => clamp(previous.shift(edge), previous));
    periods.push(planPeriod('previous', previous, shifted, scope, query, dimension !== null));
  }
  const frame = { query, buckets, previous, sources: sourcesOf(periods) };
  if (periods.every((period) => period.pieces.length === 0) || scope.tenants.length === 0) {
    return assemble(frame, []);
  }
  const { text, values } = compileCostPlan({
    query,
    tenants: scope.tenants.map((tenant) => tenant.id),
    dimension: dimension ?? 'all',
    periods,
  });
  const { rows } = await scope.tx.query<AnswerRow>(text, values);
  return assemble(frame, rows);
}

interface ComparedPeriod {
  readonly from: number;
  readonly to: number;
  readonly shift: (at: number) => number;
}

function comparedPeriod({ compare, from, to, timezone }: CostQuery): ComparedPeriod | null {
  if (compare === null) return null;
  const shift = comparisonShift(compare, from, to, timezone);
  return { from: shift(from), to: shift(to), shift };
}

const clamp = (at: number, { from, to }: { readonly from: number; readonly to: number }): number =>
  Math.min(Math.max(at, from), to);

function* dimensionsOf(query: CostQuery): Iterable<Dimension> {
  yield* query.groupBy;
  yield* Object.keys(query.filters) as Dimension[];
}

function planPeriod(
  which: PlannedPeriod['which'],
  { from, to }: { readonly from: number; readonly to: number },
  innerEdges: readonly number[],
  scope: InsightScope,
  query: CostQuery,
  rollupsKnow: boolean,
): PlannedPeriod {
  const coverage = coverageOf(innerEdges, scope, query.timezone, rollupsKnow);
  if (!coverage.rollups && daysIn(from, to) > MAX_EVENT_SCAN_DAYS) {
    throw refuseParameter(
      'from',
      `this combination of dimensions is answered from single events, over at most ${MAX_EVENT_SCAN_DAYS} days: shorten the range`,
    );
  }
  return { which, pieces: cover(from, to, coverage), innerEdges };
}

function coverageOf(
  innerEdges: readonly number[],
  scope: InsightScope,
  timezone: string,
  rollupsKnow: boolean,
): Coverage {
  const rollups = rollupsKnow && innerEdges.every(isQuarterHour);
  const sameZone = scope.tenants.every((tenant) => tenant.timezone === timezone);
  const days = rollups && sameZone && innerEdges.every((edge) => isDayStart(edge, timezone));
  return { rollups, dayZone: days ? timezone : null };
}

const sourcesOf = (periods: readonly PlannedPeriod[]) => [
  ...new Set(periods.flatMap((period) => period.pieces.map((piece) => piece.source))),
];

interface AnswerRow extends SumRow {
  readonly slot: number;
  readonly place: number;
  readonly group_count: number;
  readonly [key: `key_${number}`]: string | null;
}

interface Frame {
  readonly query: CostQuery;
  readonly buckets: readonly BucketSpan[];
  readonly previous: ComparedPeriod | null;
  readonly sources: CostAnswer['sources'];
}

/** Sums of one place while its rows come in. */
class CellBuilder {
  #sums = NO_SUMS;
  #previous = NO_SUMS;
  readonly #series: Sums[];
  readonly #previousSeries: Sums[];
  readonly #compared: boolean;

  constructor({ buckets, previous }: Frame) {
    this.#series = buckets.map(() => NO_SUMS);
    this.#previousSeries = previous === null ? [] : buckets.map(() => NO_SUMS);
    this.#compared = previous !== null;
  }

  add(slot: number, sums: Sums): void {
    const series = slot >= 0 ? this.#series : this.#previousSeries;
    const index = slot >= 0 ? slot : -1 - slot;
    const there = series[index];
    if (there !== undefined) series[index] = addSums(there, sums);
    if (slot >= 0) this.#sums = addSums(this.#sums, sums);
    else this.#previous = addSums(this.#previous, sums);
  }

  build(): CostCell {
    return {
      sums: this.#sums,
      series: this.#series,
      previous: this.#compared ? this.#previous : null,
      previousSeries: this.#previousSeries,
    };
  }
}

/** The total is the sum of the rows that came: it cannot differ from its groups. */
function assemble(frame: Frame, rows: readonly AnswerRow[]): CostAnswer {
  const { query, buckets, previous, sources } = frame;
  const total = new CellBuilder(frame);
  const places = new Map<number, { readonly values: readonly string[]; readonly cell: CellBuilder }>();
  for (const row of rows) {
    const sums = readSums(row);
    total.add(row.slot, sums);
    if (query.groupBy.length === 0) continue;
    const values = query.groupBy.map((_, index) => row[`key_${index}`] ?? '');
    const entry = places.get(row.place) ?? { values, cell: new CellBuilder(frame) };
    places.set(row.place, entry);
    entry.cell.add(row.slot, sums);
  }
  const other = places.get(query.limit + 1);
  places.delete(query.limit + 1);
  const groups: CostGroup[] = [...places.values()].map(({ values, cell }) => ({ values, ...cell.build() }));
  return {
    from: query.from,
    to: query.to,
    timezone: query.timezone,
    buckets,
    total: total.build(),
    groups,
    other: other?.cell.build() ?? null,
    groupCount: query.groupBy.length === 0 ? 0 : (rows[0]?.group_count ?? 0),
    previous: previous === null ? null : { from: previous.from, to: previous.to },
    sources,
  };
}
