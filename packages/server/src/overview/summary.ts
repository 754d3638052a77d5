/** Sums over a range, by any dimensions, under any filters. */
import { printUsd } from '@farthing/pricing';
import { startOf, startOfNext } from '../clock/buckets.ts';
import { type Interval, toRfc3339 } from '../clock/interval.ts';
import { dimensionsOf } from '../costs/cost-plan.ts';
import type { CostCell, CostFilters, Dimension } from '../costs/cost-query.ts';
import { runCostQuery } from '../costs/run-cost-query.ts';
import type { CostScope } from '../costs/scope.ts';
import { percent, type Sums } from '../costs/sums.ts';
import { eventsFrom, firstWholeDay } from '../costs/watermark.ts';
import { type AskedRange, resolveRange } from '../parameters/time-range.ts';

export interface SummaryRequest extends AskedRange {
  readonly timezone?: string | undefined;
  readonly groupBy: readonly Dimension[];
  readonly filters: CostFilters;
  /** Groups named; the rest is summed as `other`. */
  readonly limit: number;
}

export interface SummaryGroup {
  /** The values of the dimensions; "" where the events carry none. */
  readonly values: readonly string[];
  readonly sums: Sums;
  readonly costUsd: string;
  /** Of the total, in percent with up to two decimals; 0 of nothing. */
  readonly sharePct: number;
}

export interface CostSummary {
  readonly from: string;
  readonly to: string;
  readonly timezone: string;
  readonly total: Sums;
  readonly totalCostUsd: string;
  readonly groups: readonly SummaryGroup[];
  /** Null when every group is named. */
  readonly other: Omit<SummaryGroup, 'values'> | null;
  readonly groupCount: number;
}

/**
 * Without a range: this month up to and including today. If single events answer, clipped to the events that are kept.
 */
export async function readSummary(
  scope: CostScope,
  asked: SummaryRequest,
  now: number,
): Promise<CostSummary> {
  const timezone = asked.timezone ?? scope.timezone;
  const month = { from: startOf('month', now, timezone), to: startOfNext('day', now, timezone) };
  const fallback = scope.costs.outlivesEvents(dimensionsOf(asked)) ? month : keptOf(month, scope, timezone);
  const { from, to } = resolveRange(asked, fallback, timezone);
  const answer = await runCostQuery(scope, {
    from,
    to,
    timezone,
    bucket: null,
    groupBy: asked.groupBy,
    filters: asked.filters,
    rankBy: 'cost',
    compare: null,
    limit: asked.limit,
  });
  const whole = answer.total.sums.costPicos;
  const share = ({ sums }: CostCell) => ({
    sums,
    costUsd: printUsd(sums.costPicos),
    sharePct: percent(sums.costPicos, whole, 2) ?? 0,
  });
  return {
    from: toRfc3339(from),
    to: toRfc3339(to),
    timezone,
    total: answer.total.sums,
    totalCostUsd: printUsd(whole),
    groups: answer.groups.map((group) => ({ values: group.values, ...share(group) })),
    other: answer.other === null ? null : share(answer.other),
    groupCount: answer.groupCount,
  };
}

/**
 * The part of a range after the watermarks. The whole range if nothing is left, so that the query refuses it with a
 * reason.
 */
function keptOf(range: Interval, { tenants }: CostScope, timezone: string): Interval {
  const mark = eventsFrom(tenants);
  if (mark === null || mark <= range.from) return range;
  const from = firstWholeDay(mark, timezone);
  return from < range.to ? { ...range, from } : range;
}
