/** Spend by one dimension as a table, each row against the period before. */
import { printUsd } from '@farthing/pricing';
import type { CostCell } from '../costs/cost-query.ts';
import { TOTALS, type TotalSums } from '../costs/measures.ts';
import { runCostQuery } from '../costs/run-cost-query.ts';
import type { CostScope } from '../costs/scope.ts';
import { changePct, NO_SUMS, percent } from '../costs/sums.ts';
import type { BreakdownRow, OverviewBreakdown, OverviewBreakdownInput } from './overview.ts';
import { comparedPeriodOf, overviewRange, tokensOfSums, toPeriod } from './range.ts';
import { dimensionsFor, identityOf } from './series.ts';

export async function readOverviewBreakdown(
  scope: CostScope,
  input: OverviewBreakdownInput,
  now: number,
): Promise<OverviewBreakdown> {
  const range = overviewRange(scope, input, now);
  const answer = await runCostQuery(scope, {
    from: range.from,
    to: range.to,
    timezone: range.timezone,
    bucket: null,
    groupBy: dimensionsFor(input.by),
    filters: input.filters ?? {},
    measures: TOTALS,
    rankBy: 'cost',
    compare: range.compare,
    limit: input.limit,
  });
  const whole = answer.total.sums.costPicos;
  const withShare = (cell: CostCell<TotalSums>) => ({
    ...rowOf(cell),
    sharePct: percent(cell.sums.costPicos, whole, 2) ?? 0,
  });
  return {
    by: input.by,
    timezone: answer.timezone,
    period: toPeriod(answer, answer.timezone),
    previous: comparedPeriodOf(answer),
    rows: answer.groups.map((group) => {
      const [key, provider] = identityOf(group.values);
      return { key, provider, ...withShare(group) };
    }),
    other: answer.other === null ? null : withShare(answer.other),
    groupCount: answer.groupCount,
    total: rowOf(answer.total),
  };
}

function rowOf(cell: CostCell<TotalSums>): Omit<BreakdownRow, 'key' | 'provider' | 'sharePct'> {
  const previous = cell.previous ?? NO_SUMS;
  return {
    costUsd: printUsd(cell.sums.costPicos),
    requests: cell.sums.requests,
    errors: cell.sums.errors,
    unpricedRequests: cell.sums.unpricedRequests,
    tokens: tokensOfSums(cell.sums),
    previousCostUsd: printUsd(previous.costPicos),
    changePct: changePct(cell.sums.costPicos, previous.costPicos),
  };
}
