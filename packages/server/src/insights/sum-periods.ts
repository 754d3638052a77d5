/** Sums over many periods at once, overlapping or not: what a page of figures asks, in one statement. */

import { rollupReach } from './compile-columns.ts';
import { type Answer, compilePeriods } from './compile-periods.ts';
import { dimensionsOf, piecesOf } from './cost-plan.ts';
import type { Filters } from './cost-query.ts';
import { fieldsOf, type StandardMeasure, type SumsOf } from './measures.ts';
import { queryPlanned, queryPrepared } from './prepared.ts';
import type { InsightScope } from './scope.ts';
import { noSums, readSums } from './sums.ts';
import type { Interval } from './time-range.ts';

/** One period; `compared`: stands beside another one, and goes without the single events that are gone. */
export interface AskedPeriod extends Interval {
  readonly compared?: boolean;
}

/**
 * One entry per period, in their order; each is what `runCostQuery` answers for it. Refuses what that refuses.
 *
 * @example const [today, month] = await sumPeriods(scope, { periods: [day, month], filters: {}, measures: ['cost'] });
 */
export async function sumPeriods<const M extends StandardMeasure>(
  scope: InsightScope,
  asked: {
    readonly periods: readonly AskedPeriod[];
    readonly filters: Filters;
    readonly measures: readonly M[];
  },
): Promise<readonly SumsOf<M>[]> {
  const query = { groupBy: [], filters: asked.filters };
  const reach = rollupReach(dimensionsOf(query));
  const fields = fieldsOf(asked.measures);
  const slots = new Map<string, number>();
  const slotOf = asked.periods.map((period) => {
    const key = `${period.from} ${period.to} ${period.compared === true}`;
    const slot = slots.get(key) ?? slots.size;
    slots.set(key, slot);
    return slot;
  });
  const ranges = [...new Map(slotOf.map((slot, index) => [slot, asked.periods[index]]))].flatMap(
    ([slot, period]) => {
      if (period === undefined) return [];
      const { from, to, compared } = period;
      const which = compared === true ? 'previous' : 'current';
      const pieces = piecesOf(scope, query, reach, { which, from, to, innerEdges: [] });
      return pieces.map((piece) => ({ slot, piece }));
    },
  );
  const nothing = noSums(fields);
  if (ranges.length === 0) return slotOf.map(() => nothing);
  const { text, values } = compilePeriods({
    ranges,
    fields,
    query,
    further: reach.known ? reach.further : null,
  });
  const ask = reach.known ? queryPrepared : queryPlanned;
  const { rows } = await ask<Answer>(scope.tx, text, values);
  const sums = new Map(rows.map((row) => [row.slot, readSums(row, fields)]));
  return slotOf.map((slot) => sums.get(slot) ?? nothing);
}
