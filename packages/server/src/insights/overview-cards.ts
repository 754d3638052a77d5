/** The cards of the overview page. */
import { printUsd } from '@farthing/pricing';
import { readAllTime } from './all-time.ts';
import { dayOf, monthOf, startOf, startOfNext, toRfc3339 } from './calendar.ts';
import type { Comparison, CostAnswer, Filters } from './cost-query.ts';
import { type DailyHistory, readDailyHistory } from './daily-history.ts';
import { type Measure, type SumsOf, TOTALS, type TotalSums } from './measures.ts';
import type { OverviewCards, OverviewCardsInput, Projection, SparkPoint, SpendCard } from './overview.ts';
import { comparedPeriodOf, overviewRange, tokenTotals, toPeriod } from './overview-range.ts';
import type { MonthProjection } from './projection.ts';
import { runCostQuery } from './run-cost-query.ts';
import type { InsightScope } from './scope.ts';
import { changePct, NO_SUMS, percent } from './sums.ts';
import type { Interval } from './time-range.ts';

const HOUR_MS = 3_600_000;

/** Reads all cards in one transaction. */
export async function readOverviewCards(
  scope: InsightScope,
  input: OverviewCardsInput,
  now: number,
): Promise<OverviewCards> {
  const range = overviewRange(scope, input, now);
  const { timezone } = range;
  const filters = input.filters ?? {};
  const ask = <const M extends Measure>(interval: Interval, compare: Comparison, measures: readonly M[]) =>
    sumOf(scope, interval, { timezone, filters, compare, measures });
  const today = await ask(soFar('day', now, timezone), 'previous_day', ['cost']);
  const month = await ask(soFar('month', now, timezone), 'previous_month', ['cost']);
  const history = await readDailyHistory(scope, { count: 30, timezone, filters }, now);
  const hours = await readHours(scope, timezone, filters, now);
  return {
    timezone,
    asOf: toRfc3339(now),
    today: spendCard(today, dayOf(now, timezone)),
    month: spendCard(month, monthOf(now, timezone)),
    projection: toProjection(history.projection),
    range: rangeCard(await ask(range, range.compare, TOTALS)),
    allTime: await allTimeCard(scope),
    sparklines: { hours, days: dayPoints(history) },
  };
}

/** From the start of the day or month until now, at least one millisecond. */
function soFar(bucket: 'day' | 'month', now: number, timezone: string): Interval {
  const from = startOf(bucket, now, timezone);
  return { from, to: Math.max(now, from + 1) };
}

function sumOf<const M extends Measure>(
  scope: InsightScope,
  { from, to }: Interval,
  asked: {
    readonly timezone: string;
    readonly filters: Filters;
    readonly compare: Comparison;
    readonly measures: readonly M[];
  },
): Promise<CostAnswer<SumsOf<M>>> {
  return runCostQuery(scope, { ...asked, from, to, bucket: null, groupBy: [], rankBy: 'requests', limit: 1 });
}

function spendCard(answer: CostAnswer<SumsOf<'cost'>>, label: string): SpendCard {
  const { sums } = answer.total;
  const previous = answer.total.previous ?? NO_SUMS;
  return {
    ...toPeriod(answer, answer.timezone),
    label,
    costUsd: printUsd(sums.costPicos),
    previous: { ...comparedPeriodOf(answer), costUsd: printUsd(previous.costPicos) },
    changePct: changePct(sums.costPicos, previous.costPicos),
  };
}

function rangeCard(answer: CostAnswer<TotalSums>): OverviewCards['range'] {
  const { sums } = answer.total;
  const previous = answer.total.previous ?? NO_SUMS;
  return {
    ...toPeriod(answer, answer.timezone),
    ...rangeSums(sums),
    errorRatePct: percent(BigInt(sums.errors), BigInt(sums.requests), 2),
    previous: { ...comparedPeriodOf(answer), ...rangeSums(previous) },
    changePct: changePct(sums.costPicos, previous.costPicos),
  };
}

function rangeSums(sums: TotalSums) {
  return {
    costUsd: printUsd(sums.costPicos),
    requests: sums.requests,
    errors: sums.errors,
    unpricedRequests: sums.unpricedRequests,
    tokens: tokenTotals(sums),
  };
}

function toProjection(projection: MonthProjection | null): Projection {
  return {
    costUsd: projection === null ? null : printUsd(projection.picos),
    lowUsd: projection === null ? null : printUsd(projection.lowPicos),
    highUsd: projection === null ? null : printUsd(projection.highPicos),
    confidence: projection?.confidence ?? 'low',
    daysSeen: projection?.daysSeen ?? 0,
  };
}

async function allTimeCard(scope: InsightScope): Promise<OverviewCards['allTime']> {
  const { sums, since } = await readAllTime(scope);
  return {
    costUsd: printUsd(sums.costPicos),
    requests: sums.requests,
    unpricedRequests: sums.unpricedRequests,
    since,
  };
}

/** The hour that is filling and the 23 before it. */
async function readHours(
  scope: InsightScope,
  timezone: string,
  filters: Filters,
  now: number,
): Promise<SparkPoint[]> {
  const answer = await runCostQuery(scope, {
    from: startOf('hour', now - 23 * HOUR_MS, timezone),
    to: startOfNext('hour', now, timezone),
    timezone,
    bucket: 'hour',
    groupBy: [],
    filters,
    measures: ['cost', 'requests'],
    rankBy: 'requests',
    compare: null,
    limit: 1,
  });
  return answer.buckets.map((span, index) => point(span.start, answer.total.series[index] ?? NO_SUMS));
}

const dayPoints = (history: DailyHistory): SparkPoint[] =>
  history.days.map((day) => point(day.start, day.sums));

const point = (start: number, sums: SumsOf<'cost'>): SparkPoint => ({
  start: toRfc3339(start),
  costUsd: printUsd(sums.costPicos),
  requests: sums.requests,
});
