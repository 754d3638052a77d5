/** Sums of many stretches → one SQL statement: one index range per stretch, added up where it is read. */

import type { CostQuery } from '../../cost-query.ts';
import type { SumField } from '../../sums.ts';
import type { AtomGroup } from '../atoms.ts';
import type { Source } from '../cover.ts';
import type { FurtherDimension } from '../reach.ts';
import type { SumRow } from '../sum-rows.ts';
import {
  allowed,
  columnsOf,
  eventSumsSql,
  filterSql,
  Parameters,
  rollupSumsSql,
  TIME_COLUMNS,
} from './columns.ts';
import type { CompiledStatement } from './cost-plan-sql.ts';
import { readingOf, storedDimension } from './rollup-reading.ts';
import { timeKey } from './slots.ts';

export interface PeriodsPlan {
  readonly groups: readonly AtomGroup[];
  readonly fields: readonly SumField[];
  readonly query: Pick<CostQuery, 'groupBy' | 'filters'>;
  /** The dimension that rollups are read by; null: none, or only events are read. */
  readonly further: FurtherDimension | null;
}

/** One row per atom that anything was found for. */
export type AtomSums = SumRow & { readonly atom: number };

const SOURCES = ['rollups_day', 'rollups_15m', 'usage_events'] as const satisfies readonly Source[];

/** The text is the same whatever the periods are, but for the tables that are read: a plan serves them all. */
export function compilePeriods(plan: PeriodsPlan): CompiledStatement {
  const parameters = new Parameters();
  const columns = columnsOf(plan.fields);
  const selects = SOURCES.flatMap((source) => {
    const groups = plan.groups.filter((group) => group.source === source);
    return groups.length === 0 ? [] : [selectSql(plan, source, groups, parameters)];
  });
  const sums = columns.map((column) => `coalesce(sum(${column}), 0)::text as ${column}`);
  return {
    text: `select atom, ${sums.join(', ')} from (\n${selects.join('\nunion all\n')}\n) as parts group by atom`,
    values: parameters.values,
  };
}

/** Side 1 of a reading is what has to be taken away from everything. */
function selectSql(
  plan: PeriodsPlan,
  source: Source,
  groups: readonly AtomGroup[],
  parameters: Parameters,
): string {
  const reading = source === 'usage_events' ? null : readingOf(plan, parameters);
  const sides = reading?.sides ?? [{ side: 0, dimension: '' }];
  const ranges = groups.flatMap(({ zone, atoms }, group) =>
    atoms.map(({ number, from, to }) => ({
      group,
      number,
      low: timeKey(from, zone),
      high: timeKey(to, zone),
    })),
  );
  const members = groups.flatMap(({ tenants }, group) => tenants.map((tenant) => ({ tenant, group })));
  const type = source === 'rollups_day' ? 'date[]' : 'timestamptz[]';
  const put = <Row>(
    rows: readonly Row[],
    of: (row: Row) => unknown,
    kind: 'text[]' | 'int[]' | typeof type,
  ) => parameters.put(rows.map(of), kind);
  const range = [
    put(ranges, ({ group }) => group, 'int[]'),
    put(ranges, ({ number }) => number, 'int[]'),
    put(ranges, ({ low }) => low, type),
    put(ranges, ({ high }) => high, type),
  ];
  const member = [
    put(members, ({ group }) => group, 'int[]'),
    put(members, ({ tenant }) => tenant, 'text[]'),
  ];
  const time = TIME_COLUMNS[source];
  const conditions = [
    'tenant_id = member.tenant',
    `${time} >= range.low`,
    `${time} < range.high`,
    ...(reading?.values == null ? [] : [reading.values]),
    ...Object.entries(plan.query.filters)
      .filter(([dimension]) => reading === null || dimension !== plan.further)
      .map(([dimension, wanted]) => filterSql(allowed(dimension), wanted ?? [], source, parameters)),
  ];
  const names = columnsOf(plan.fields);
  const from = `from unnest(${range.join(', ')}) as range (place, atom, low, high)
    join unnest(${member.join(', ')}) as member (place, tenant) using (place)`;
  return sides
    .map(({ side, dimension }) => {
      const minus = side === 1 ? '-' : '';
      const where =
        source === 'usage_events'
          ? conditions
          : [
              `dimension = ${parameters.put(storedDimension(dimension, source, plan.query), 'text')}`,
              ...conditions,
            ];
      const read = source === 'usage_events' ? eventSumsSql(plan.fields) : rollupSumsSql(plan.fields);
      return `  select atom, ${names.map((name) => `${minus}${name} as ${name}`).join(', ')} ${from}
   cross join lateral (select ${names.map((name) => `sum(${name}) as ${name}`).join(', ')}
     from (select ${read} from ${source} where ${where.join(' and ')}) as kept) as summed`;
    })
    .join('\nunion all\n');
}
