/** `CostQuery` → one SQL statement. `parts.ts` writes the selects that read rows; the ranking of groups is here. */

import { SPARSE_COLUMNS } from '../../../ledger/kept-as-null.ts';
import type { CoveredPlan } from '../pieces.ts';
import { answeredSql, columnsOf, Parameters } from './columns.ts';
import { statementPartsOf } from './parts.ts';
import { keyNames } from './rollup-reading.ts';
import { weighedSql } from './weight.ts';

export interface CompiledStatement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/**
 * The statement answers one row per slot and place. `slot` n ≥ 0 is bucket n of the period, −1−n bucket n of the
 * compared one; `place` counts from 1 by rank, and `limit + 1` is everything below.
 */
export function compileCostPlan(plan: CoveredPlan): CompiledStatement {
  const parameters = new Parameters();
  const cells = cellsSql(plan, parameters);
  const keys = keyNames(plan.query.groupBy);
  const [first] = keys;
  const text =
    first === undefined
      ? `${cells}
select slot, 1 as place, 0 as group_count, ${answeredSql(plan.fields)} from cells group by slot`
      : `${cells}${rankedSql(plan, keys, parameters.put(plan.query.limit, 'int'))}`;
  return { text, values: parameters.values };
}

/** Sums per bucket and group; groups without a request are none. */
function cellsSql(plan: CoveredPlan, parameters: Parameters): string {
  const keys = keyNames(plan.query.groupBy);
  const columns = columnsOf(plan.readFields);
  const sums = columns
    .map(
      (column) =>
        `${SPARSE_COLUMNS.has(column) ? `coalesce(sum(${column}), 0)` : `sum(${column})`} as ${column}`,
    )
    .join(', ');
  const { selects, rest } = statementPartsOf(plan, parameters);
  const by = ['slot', ...keys].join(', ');
  const cells = (from: string) => `cells as (
  select ${by}, ${sums} from ${from} group by ${by}
  having sum(requests) <> 0 -- also rows emptied by a superseded event
)`;
  const parts = `with parts as (
${selects.join('\nunion all\n')}
), `;
  if (rest === null) return parts + cells('parts');
  // Sums without a value of a dimension are all sums minus those with one.
  const negative = columns.map((column) => `-${column} as ${column}`).join(', ');
  const selected = [
    `select ${by}, ${columns.join(', ')} from sides where ${rest.kept}`,
    `select slot${list(rest.keysAsNone)}, ${negative} from sides where side = 1`,
  ];
  return `${parts}sides as (
  select side, ${by}, ${sums} from parts group by side, ${by}
), signed as (
  ${selected.join('\n  union all\n  ')}
), ${cells('signed')}`;
}

function rankedSql(plan: CoveredPlan, keys: readonly string[], limit: string): string {
  // Sorting rows by their texts would take longer than all the rest: a place has one text of each key.
  const shown = keys.map((key) => `max(${key}) filter (where place <= ${limit}) as ${key}`).join(', ');
  const order = ['weight desc nulls last', ...keys.map((key) => `${key} collate "C"`)].join(', ');
  return `, ranked as (
  select ${keys.join(', ')}, row_number() over (order by ${order}) as place
    from (${weighedSql(plan.query.rankBy, keys)}) as weighed
)
select slot, least(place, ${limit} + 1)::int as place, (select count(*) from ranked)::int as group_count,
       ${shown}, ${answeredSql(plan.fields)}
  from cells join ranked using (${keys.join(', ')})
 group by 1, 2
 order by 2, 1`;
}

const list = (names: readonly string[]): string => names.map((name) => `, ${name}`).join('');
