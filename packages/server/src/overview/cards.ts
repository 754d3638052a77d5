/** The cards of the overview page. */

import { printUsd } from '@farthing/pricing';
import { bucketSpans, startOf, startOfNext } from '../clock/buckets.ts';
import type { Comparison } from '../clock/comparison.ts';
import { comparedInterval } from '../clock/comparison.ts';
import { dayOf, monthOf } from '../clock/days.ts';
import type { Interval } from '../clock/interval.ts';
import { toRfc3339 } from '../clock/interval.ts';
import { HOUR_MS } from '../clock/lengths.ts';
import { ALL_TIME, type AllTime, readAllTime, readSince } from '../costs/all-time.ts';
import type { AskedPeriod } from '../costs/cost-store.ts';
import { type SumsOf, TOTALS, type TotalSums } from '../costs/measures.ts';
import type { CostScope } from '../costs/scope.ts';
import { sumPeriods } from '../costs/sum-periods.ts';
import { changePct, NO_SUMS, percent } from '../costs/sums.ts';
import { planHistory } from '../insights/daily-history.ts';
import type { MonthProjection } from '../insights/projection.ts';
import type { OverviewCards, OverviewCardsInput, Projection, SparkPoint, SpendCard } from './overview.ts';
import { overviewRange, tokensOfSums, toPeriod } from './range.ts';

/** Reads all cards in one transaction, all that is filtered in one statement. */
export async function readOverviewCards(
  scope: CostScope,
  input: OverviewCardsInput,
  now: number,
): Promise<OverviewCards> {
  const range = overviewRange(scope, input, now);
  const { timezone } = range;
  const today = beside(soFar('day', now, timezone), 'previous_day', timezone);
  const month = beside(soFar('month', now, timezone), 'previous_month', timezone);
  const asked = beside(range, range.compare, timezone);
  const hours = lastHours(now, timezone);
  const history = planHistory({ count: 30, timezone }, now);
  const filters = input.filters ?? {};
  // The card for all time ignores filters.
  const filtered = Object.keys(filters).length > 0;
  const periods = [
    ...today,
    ...month,
    ...asked,
    ...hours,
    ...history.periods,
    ...(filtered ? [] : [ALL_TIME]),
  ];
  const all = await sumPeriods(scope, { periods, filters, measures: TOTALS });
  const sumsOf = new Map<AskedPeriod, TotalSums>(
    periods.flatMap((period, index) => {
      const sums = all[index];
      return sums === undefined ? [] : [[period, sums]];
    }),
  );
  const read = (period: AskedPeriod): TotalSums => sumsOf.get(period) ?? NO_SUMS;
  const { projection, days } = history.answer(history.periods.map(read));
  return {
    timezone,
    asOf: toRfc3339(now),
    today: spendCard(today, read, { timezone, label: dayOf(now, timezone) }),
    month: spendCard(month, read, { timezone, label: monthOf(now, timezone) }),
    projection: toProjection(projection),
    range: rangeCard(asked, read, timezone),
    allTime: allTimeCard(
      filtered ? await readAllTime(scope) : { sums: read(ALL_TIME), since: await readSince(scope) },
    ),
    sparklines: {
      hours: hours.map((hour) => point(hour.from, read(hour))),
      days: days.map((day) => point(day.start, day.sums)),
    },
  };
}

type Read = (period: AskedPeriod) => TotalSums;
type Beside = readonly [current: AskedPeriod, previous: AskedPeriod];

function beside(period: Interval, comparison: Exclude<Comparison, null>, timezone: string): Beside {
  const { from, to } = period;
  return [
    { from, to },
    { ...comparedInterval(comparison, period, timezone), compared: true },
  ];
}

/** From the start of the day or month until now, at least one millisecond. */
function soFar(bucket: 'day' | 'month', now: number, timezone: string): Interval {
  const from = startOf(bucket, now, timezone);
  return { from, to: Math.max(now, from + 1) };
}

/** The hour that is filling and the 23 before it. */
function lastHours(now: number, timezone: string): readonly AskedPeriod[] {
  const from = startOf('hour', now - 23 * HOUR_MS, timezone);
  const spans = bucketSpans(from, startOfNext('hour', now, timezone), timezone, 'hour');
  return spans.map(({ start, end }) => ({ from: start, to: end }));
}

function spendCard(
  [current, previous]: Beside,
  read: Read,
  { timezone, label }: { readonly timezone: string; readonly label: string },
): SpendCard {
  const [cost, before] = [read(current).costPicos, read(previous).costPicos];
  return {
    ...toPeriod(current, timezone),
    label,
    costUsd: printUsd(cost),
    previous: { ...toPeriod(previous, timezone), costUsd: printUsd(before) },
    changePct: changePct(cost, before),
  };
}

function rangeCard([current, previous]: Beside, read: Read, timezone: string): OverviewCards['range'] {
  const [sums, before] = [read(current), read(previous)];
  return {
    ...toPeriod(current, timezone),
    ...rangeSums(sums),
    errorRatePct: percent(BigInt(sums.errors), BigInt(sums.requests), 2),
    previous: { ...toPeriod(previous, timezone), ...rangeSums(before) },
    changePct: changePct(sums.costPicos, before.costPicos),
  };
}

function rangeSums(sums: TotalSums) {
  return {
    costUsd: printUsd(sums.costPicos),
    requests: sums.requests,
    errors: sums.errors,
    unpricedRequests: sums.unpricedRequests,
    tokens: tokensOfSums(sums),
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

function allTimeCard({ sums, since }: AllTime): OverviewCards['allTime'] {
  return {
    costUsd: printUsd(sums.costPicos),
    requests: sums.requests,
    unpricedRequests: sums.unpricedRequests,
    since,
  };
}

const point = (start: number, sums: SumsOf<'cost'>): SparkPoint => ({
  start: toRfc3339(start),
  costUsd: printUsd(sums.costPicos),
  requests: sums.requests,
});
