/** Day by day, and where the month is heading. */
import { divideHalfEven, printUsd } from '@farthing/pricing';
import type { CostFilters } from '../costs/cost-query.ts';
import type { TotalSums } from '../costs/measures.ts';
import type { CostScope } from '../costs/scope.ts';
import { type DailyHistory, readDailyHistory } from '../insights/daily-history.ts';

/** Most days of one answer. */
export const MAX_TREND_DAYS = 366;

export interface TrendsRequest {
  readonly days: number;
  readonly timezone?: string | undefined;
  readonly filters: CostFilters;
}

export interface TrendDay {
  readonly date: string;
  readonly costUsd: string;
  readonly sums: TotalSums;
  /** Today is still filling. */
  readonly partial: boolean;
}

export interface CostTrends {
  readonly timezone: string;
  /** Oldest first, today last, none left out. */
  readonly days: readonly TrendDay[];
  readonly monthToDateUsd: string;
  /** Of the complete days listed, from the first one with an event on; today's cost so far where there is none. */
  readonly averageDailyUsd: string;
  /** Month to date where there is nothing to project from. */
  readonly projectedMonthlyUsd: string;
  readonly confidence: 'high' | 'medium' | 'low';
}

export async function readTrends(scope: CostScope, asked: TrendsRequest, now: number): Promise<CostTrends> {
  const timezone = asked.timezone ?? scope.timezone;
  const history = await readDailyHistory(scope, { count: asked.days, timezone, filters: asked.filters }, now);
  return {
    timezone,
    days: history.days.map((day) => ({
      date: day.label,
      costUsd: printUsd(day.sums.costPicos),
      sums: day.sums,
      partial: day.wholeEnd > now,
    })),
    monthToDateUsd: printUsd(history.monthToDatePicos),
    averageDailyUsd: printUsd(averageDay(history)),
    projectedMonthlyUsd: printUsd(history.projection?.picos ?? history.monthToDatePicos),
    confidence: history.projection?.confidence ?? 'low',
  };
}

function averageDay({ completeDays, days }: DailyHistory): bigint {
  if (completeDays.length === 0) return days.at(-1)?.sums.costPicos ?? 0n;
  const sum = completeDays.reduce((total, day) => total + day.sums.costPicos, 0n);
  return divideHalfEven(sum, BigInt(completeDays.length));
}
