/** A tenant's spend over a stretch of days: per day, on average, and extrapolated to a month. */
import { divideHalfEven } from '@farthing/pricing';
import { runCostQuery } from '../costs/run-cost-query.ts';
import type { CostScope } from '../costs/scope.ts';
import type { Sums } from '../costs/sums.ts';
import { type AskedDays, reportDays } from '../parameters/report-dates.ts';

/** Days of the month that a projection is made for. */
const MONTH_DAYS = 30n;

/** Amounts are picos. */
export interface TenantReport {
  readonly timezone: string;
  /** First and last day, both included: `2026-11-22`. */
  readonly firstDay: string;
  readonly lastDay: string;
  readonly total: Sums;
  /** Of the days on which something was used, rounded half to even; 0 where there is none. */
  readonly averageDailyPicos: bigint;
  /** Thirty average days. */
  readonly projectedMonthlyPicos: bigint;
  /** Days on which something was used, oldest first. */
  readonly days: readonly { readonly date: string; readonly sums: Sums }[];
}

/** Without days: the thirty before today, and today. */
export async function readTenantReport(
  scope: CostScope,
  asked: AskedDays & { readonly timezone?: string | undefined },
  now: number,
): Promise<TenantReport> {
  const timezone = asked.timezone ?? scope.timezone;
  const { from, to, firstDay, lastDay } = reportDays(asked, timezone, now);
  const answer = await runCostQuery(scope, {
    from,
    to,
    timezone,
    bucket: 'day',
    groupBy: [],
    filters: {},
    rankBy: 'cost',
    compare: null,
    limit: 1,
  });
  const days = answer.buckets.flatMap(({ label }, index) => {
    const sums = answer.total.series[index];
    return sums === undefined || sums.requests === 0 ? [] : [{ date: label, sums }];
  });
  const total = answer.total.sums;
  const used = BigInt(Math.max(days.length, 1));
  return {
    timezone,
    firstDay,
    lastDay,
    total,
    averageDailyPicos: divideHalfEven(total.costPicos, used),
    projectedMonthlyPicos: divideHalfEven(total.costPicos * MONTH_DAYS, used),
    days,
  };
}
