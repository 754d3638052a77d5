/** The range of the overview page: the requested one, or this month until now. */
import type { TokenTotals } from '@farthing/pricing';
import { startOf } from '../clock/buckets.ts';
import type { Comparison } from '../clock/comparison.ts';
import { type Interval, periodLabel, toRfc3339 } from '../clock/interval.ts';
import type { CostAnswer } from '../costs/cost-query.ts';
import type { CostScope } from '../costs/scope.ts';
import type { Sums } from '../costs/sums.ts';
import { type AskedRange, resolveRange } from '../parameters/time-range.ts';
import type { Period } from './overview.ts';

export interface OverviewRange extends Interval {
  readonly timezone: string;
  readonly compare: Exclude<Comparison, null>;
}

/**
 * This month until now is compared with the same days of the month before; any other range with the same length before.
 */
export function overviewRange(
  scope: CostScope,
  asked: AskedRange & { readonly timezone?: string | undefined },
  now: number,
): OverviewRange {
  const timezone = asked.timezone ?? scope.timezone;
  const monthStart = startOf('month', now, timezone);
  const range = resolveRange(asked, { from: monthStart, to: Math.max(now, monthStart + 1) }, timezone);
  const monthToDate = range.from === monthStart && asked.to === undefined;
  return { ...range, timezone, compare: monthToDate ? 'previous_month' : 'previous_period' };
}

export function toPeriod({ from, to }: Interval, timezone: string): Period {
  return { label: periodLabel(from, to, timezone), from: toRfc3339(from), to: toRfc3339(to) };
}

/** The compared period of an answer that was asked to compare. */
export function comparedPeriodOf(answer: Pick<CostAnswer, 'previous' | 'timezone'>): Period {
  if (answer.previous === null) throw new TypeError('the query did not ask for a comparison');
  return toPeriod(answer.previous, answer.timezone);
}

export function tokensOfSums(
  sums: Pick<
    Sums,
    'inputTokens' | 'outputTokens' | 'cacheReadTokens' | 'cacheWriteTokens' | 'reasoningTokens'
  >,
): TokenTotals {
  return {
    input: sums.inputTokens,
    output: sums.outputTokens,
    cacheRead: sums.cacheReadTokens,
    cacheWrite: sums.cacheWriteTokens,
    reasoning: sums.reasoningTokens,
  };
}
