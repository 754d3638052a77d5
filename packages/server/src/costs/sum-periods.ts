/** Sums over many periods at once, overlapping or not: what a page of figures asks, in one statement. */

import type { Interval } from '../clock/interval.ts';
import { dimensionsOf, piecesOf } from './cost-plan.ts';
import type { Filters } from './cost-query.ts';
import { fieldsOf, type StandardMeasure, type SumsOf } from './measures.ts';
import { cutIntoAtoms, type Share } from './postgres/atoms.ts';
import { rollupReach } from './postgres/compile-columns.ts';
import { type Answer, compilePeriods } from './postgres/compile-periods.ts';
import { queryPlanned, queryPrepared } from './postgres/prepared.ts';
import type { InsightScope } from './scope.ts';
import { type AllSums, addSums, noSums, readSums, type SumField, subtractSums } from './sums.ts';

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
  const pieces = asked.periods.map(({ from, to, compared }) => {
    const which = compared === true ? 'previous' : 'current';
    return piecesOf(scope, query, reach, { which, from, to, innerEdges: [] });
  });
  const { groups, shares } = cutIntoAtoms(pieces);
  const nothing = noSums(fields);
  if (groups.length === 0) return shares.map(() => nothing);
  const further = reach.known ? reach.further : null;
  const { text, values } = compilePeriods({ groups, fields, query, further });
  const ask = reach.known ? queryPrepared : queryPlanned;
  const { rows } = await ask<Answer>(scope.tx, text, values);
  const atoms = new Map(rows.map((row) => [row.atom, readSums(row, fields)]));
  return shares.map((own) => addUp(own, atoms, nothing));
}

function addUp<F extends SumField>(
  shares: readonly Share[],
  atoms: ReadonlyMap<number, Pick<AllSums, F>>,
  nothing: Pick<AllSums, F>,
): Pick<AllSums, F> {
  let sums = nothing;
  for (const { number, sign } of shares) {
    const atom = atoms.get(number);
    if (atom === undefined) continue;
    if (sign < 0) sums = subtractSums(sums, atom);
    else sums = sums === nothing ? atom : addSums(sums, atom);
  }
  return sums;
}
