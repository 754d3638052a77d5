/** The cards of the overview page. */
import { printUsd } from '@farthing/pricing';
import { readAllTime } from './all-time.ts';
import { dayOf, monthOf, startOf, startOfNext, toRfc3339 } from './calendar.ts';
import type { Comparison, CostAnswer, Filters } from './cost-query.ts';
import { type DailyHistory, readDailyHistory } from './daily-history.ts';
import type { OverviewCards, OverviewCardsInput, Projection, SparkPoint, SpendCard } from './overview.ts';
import { comparedPeriodOf, overviewRange, tokenTotals, toPeriod } from './overview-range.ts';
import type { MonthProjection } from './projection.ts';
import { runCostQuery } from './run-cost-query.ts';
import type { InsightScope } from './scope.ts';
import { changePct, NO_SUMS, percent, type Sums } from './sums.ts';
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
  const ask = (interval: Interval, compare: Comparison) => sumOf(scope, interval, timezone, filters, compare);
  const today = await ask(soFar('day', now, timezone), 'previous_day');
  const month = await ask(soFar('month', now, timezone), 'previous_month');
  const history = await readDailyHistory(scope, { count: 30, timezone, filters }, now);
  const hours = await readHours(scope, timezone, filters, now);
  return {
    timezone,
    asOf: toRfc3339(now),
    today: spendCard(today, dayOf(now, timezone)),
    month: spendCard(month, monthOf(now, timezone)),
    projection: toProjection(history.projection),
    range: rangeCard(await ask(range, range.compare)),
    allTime: await allTimeCard(scope),
    sparklines: { hours, days: dayPoints(history) },
  };
}

/** From the start of the day or month until now, at least one millisecond. */
function soFar(bucket: 'day' | 'month', now: number, timezone: string): Interval {
  const from = startOf(bucket, now, timezone);
  return { from, to: Math.max(now, from + 1) };
}

function sumOf(
  scope: InsightScope,
  { from, to }: Interval,
  timezone: string,
  filters: Filters,
  compare: Comparison,
): Promise<CostAnswer> {
  return runCostQuery(scope, {
    from,
    to,
    timezone,
    bucket: null,
    groupBy: [],
    filters,
    rankBy: 'cost',
    compare,
    limit: 1,
  });
}

function spendCard(answer: CostAnswer, label: string): SpendCard {
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

function rangeCard(answer: CostAnswer): OverviewCards['range'] {
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

function rangeSums(sums: Sums) {
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
    rankBy: 'cost',
    compare: null,
    limit: 1,
  });
  return answer.buckets.map((span, index) => point(span.start, answer.total.series[index] ?? NO_SUMS));
}

const dayPoints = (history: DailyHistory): SparkPoint[] =>
  history.days.map((day) => point(day.start, day.sums));

const point = (start: number, sums: Sums): SparkPoint => ({
  start: toRfc3339(start),
  costUsd: printUsd(sums.costPicos),
  requests: sums.requests,
});
