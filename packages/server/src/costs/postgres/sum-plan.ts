/** Sums a plan in one statement. */
import type { Tx } from '../../db/database.ts';
import type { CostPlan } from '../cost-plan.ts';
import type { SummedPlan, SummedRow } from '../cost-store.ts';
import type { SumField } from '../sums.ts';
import { compileCostPlan } from './compile/cost-plan-sql.ts';
import type { CoveredPlan } from './pieces.ts';
import { queryPlanned, queryPrepared } from './prepared.ts';
import { readSums, type SumRow } from './sum-rows.ts';

interface AnswerRow extends SumRow {
  readonly slot: number;
  readonly place: number;
  readonly group_count: number;
  readonly [key: `key_${number}`]: string | null;
}

export async function sumPlan<F extends SumField>(
  tx: Tx,
  { fields, query }: CostPlan<F>,
  covered: CoveredPlan,
): Promise<SummedPlan<F>> {
  const pieces = covered.periods.flatMap((period) => period.pieces);
  if (pieces.length === 0) return { rows: [], groupCount: 0, sources: [] };
  const { text, values } = compileCostPlan(covered);
  // Over single events the best plan depends on how many there are.
  const ask = covered.byRollups ? queryPrepared : queryPlanned;
  const { rows } = await ask<AnswerRow>(tx, text, values);
  return {
    rows: rows.map(
      (row): SummedRow<F> => ({
        slot: row.slot,
        place: row.place,
        values: query.groupBy.map((_, index) => row[`key_${index}`] ?? ''),
        sums: readSums(row, fields),
      }),
    ),
    groupCount: rows[0]?.group_count ?? 0,
    sources: [...new Set(pieces.map((piece) => piece.source))],
  };
}
