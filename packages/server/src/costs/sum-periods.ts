/** Sums over many periods, overlapping or not, in one query: for a page that shows many figures. */
import type { CostFilters } from './cost-query.ts';
import type { AskedPeriod } from './cost-store.ts';
import { fieldsOf, type StandardMeasure, type SumsOf } from './measures.ts';
import type { SumScope } from './run-cost-query.ts';

/**
 * One entry per period, in their order; each is what `runCostQuery` answers for it. Refuses what that refuses.
 *
 * @example const [today, month] = await sumPeriods(scope, { periods: [day, month], filters: {}, measures: ['cost'] });
 */
export function sumPeriods<const M extends StandardMeasure>(
  { costs, tenants }: SumScope,
  {
    periods,
    filters,
    measures,
  }: {
    readonly periods: readonly AskedPeriod[];
    readonly filters: CostFilters;
    readonly measures: readonly M[];
  },
): Promise<readonly SumsOf<M>[]> {
  return costs.sumPeriods(tenants, { periods, filters, fields: fieldsOf(measures) });
}
