/** Day by day up to today, with what a projection needs: the basis of trends and of the projection card. */

import type { BucketSpan } from '../clock/buckets.ts';
import { bucketSpans, startOf, startOfNext } from '../clock/buckets.ts';
import { startOfDayBefore } from '../clock/days.ts';
import type { Interval } from '../clock/interval.ts';
import type { CostFilters } from '../costs/cost-query.ts';
import { TOTALS, type TotalSums } from '../costs/measures.ts';
import type { CostScope } from '../costs/scope.ts';
import { sumPeriods } from '../costs/sum-periods.ts';
import { type MonthProjection, PROJECTION_DAYS, projectMonth } from './projection.ts';

export interface HistoryDay extends BucketSpan {
  readonly sums: TotalSums;
}

export interface DailyHistory {
  /** The asked number of days, oldest first; the last is today, still filling. Days without events are there too. */
  readonly days: readonly HistoryDay[];
  readonly monthToDatePicos: bigint;
  /** Null while there is nothing to project from. */
  readonly projection: MonthProjection | null;
  /** Complete days among `days`, none before the first day with an event. */
  readonly completeDays: readonly HistoryDay[];
}

/** Reads the last `count` days, and as many more as month and projection need, in one statement. */
export async function readDailyHistory(
  scope: CostScope,
  asked: { readonly count: number; readonly timezone: string; readonly filters: CostFilters },
  now: number,
): Promise<DailyHistory> {
  const plan = planHistory(asked, now);
  const sums = await sumPeriods(scope, { periods: plan.periods, filters: asked.filters, measures: TOTALS });
  return plan.answer(sums);
}

/** The days a history needs, and the history made from their sums. */
export interface HistoryPlan {
  readonly periods: readonly Interval[];
  /** Takes one entry per period, in their order. */
  answer(sums: readonly TotalSums[]): DailyHistory;
}

export function planHistory(
  { count, timezone }: { readonly count: number; readonly timezone: string },
  now: number,
): HistoryPlan {
  const month = startOf('month', now, timezone);
  const firstListed = startOfDayBefore(count - 1, now, timezone);
  const firstForProjection = startOfDayBefore(PROJECTION_DAYS, now, timezone);
  const begin = Math.min(month, firstListed, firstForProjection);
  const spans = bucketSpans(begin, startOfNext('day', now, timezone), timezone, 'day');
  const marks = { now, timezone, month, firstListed, firstForProjection };
  return {
    periods: spans.map(({ start, end }) => ({ from: start, to: end })),
    answer: (sums) => historyOf(spans, sums, marks),
  };
}

function historyOf(
  spans: readonly BucketSpan[],
  sumsOfSpans: readonly TotalSums[],
  {
    now,
    timezone,
    month,
    firstListed,
    firstForProjection,
  }: {
    readonly now: number;
    readonly timezone: string;
    readonly month: number;
    readonly firstListed: number;
    readonly firstForProjection: number;
  },
): DailyHistory {
  const today = startOf('day', now, timezone);
  const all = spans.flatMap((span, index) => {
    const sums = sumsOfSpans[index];
    return sums === undefined ? [] : [{ ...span, sums }];
  });
  const first = all.findIndex((day) => day.sums.requests > 0);
  const complete = first === -1 ? [] : all.slice(first).filter((day) => day.start < today);
  const monthToDatePicos = all
    .filter((day) => day.start >= month)
    .reduce((total, day) => total + day.sums.costPicos, 0n);
  return {
    days: all.filter((day) => day.start >= firstListed),
    monthToDatePicos,
    projection: projectMonth({
      monthToDate: monthToDatePicos,
      today: all.at(-1)?.sums.costPicos ?? 0n,
      completeDays: complete
        .filter((day) => day.start >= firstForProjection)
        .map((day) => day.sums.costPicos),
      daysLeft: daysLeftInMonth(now, timezone),
    }),
    completeDays: complete.filter((day) => day.start >= firstListed),
  };
}

function daysLeftInMonth(now: number, timezone: string): number {
  const end = startOfNext('month', now, timezone);
  let days = 0;
  for (let day = startOfNext('day', now, timezone); day < end; day = startOfNext('day', day, timezone))
    days += 1;
  return days;
}
