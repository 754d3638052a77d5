/** Sums of many periods → one SQL statement: one index range per piece of a period, added up where it is read. */
import {
  allowed,
  columnsOf,
  eventSumsSql,
  type FurtherDimension,
  filterSql,
  Parameters,
  TIME_COLUMNS,
} from './compile-columns.ts';
import type { CompiledStatement } from './compile-cost-query.ts';
import { readingOf, timeKey } from './compile-parts.ts';
import type { CostQuery, Source } from './cost-query.ts';
import type { Piece } from './cover.ts';
import type { SumField, SumRow } from './sums.ts';

/** A piece of the period that is answered as `slot`. */
export interface SlotPiece {
  readonly slot: number;
  readonly piece: Piece;
}

export interface PeriodsPlan {
  readonly ranges: readonly SlotPiece[];
  readonly fields: readonly SumField[];
  readonly query: Pick<CostQuery, 'groupBy' | 'filters'>;
  /** The one dimension that rollups are read by; null: none, or only events are read. */
  readonly further: FurtherDimension | null;
}

/** One row per slot that anything was found for. */
export type Answer = SumRow & { readonly slot: number };

const SOURCES = ['rollups_day', 'rollups_15m', 'usage_events'] as const satisfies readonly Source[];

export function compilePeriods(plan: PeriodsPlan): CompiledStatement {
  const parameters = new Parameters();
  const members = membersOf(plan.ranges);
  const tenants = `unnest(${parameters.put(
    members.flatMap(({ tenants }) => tenants),
    'text[]',
  )}, ${parameters.put(
    members.flatMap(({ tenants, group }) => tenants.map(() => group)),
    'int[]',
  )}) as member (tenant, members)`;
  const groups = new Map(members.map(({ key, group }) => [key, group]));
  const selects = SOURCES.flatMap((source) => {
    const ranges = plan.ranges.filter(({ piece }) => piece.source === source);
    return ranges.length === 0 ? [] : [selectSql(plan, { source, ranges, groups, tenants }, parameters)];
  });
  const columns = columnsOf(plan.fields);
  const sums = columns.map(
    (column) => `coalesce(sum(case when sign < 0 then -${column} else ${column} end), 0)::text as ${column}`,
  );
  return {
    text: `select slot, ${sums.join(', ')} from (\n${selects.join('\nunion all\n')}\n) as parts group by slot`,
    values: parameters.values,
  };
}

/** Pieces of one zone have the same tenants: those are written down once. */
function membersOf(ranges: readonly SlotPiece[]) {
  const lists = new Map(ranges.map(({ piece }) => [piece.tenants.join(' '), piece.tenants]));
  return [...lists].map(([key, tenants], group) => ({ key, tenants, group }));
}

interface Table {
  readonly source: Source;
  readonly ranges: readonly SlotPiece[];
  readonly groups: ReadonlyMap<string, number>;
  readonly tenants: string;
}

function selectSql(
  plan: PeriodsPlan,
  { source, ranges, groups, tenants }: Table,
  parameters: Parameters,
): string {
  const type = source === 'rollups_day' ? 'date[]' : 'timestamptz[]';
  const reading = source === 'usage_events' ? null : readingOf(plan, parameters);
  const sides = reading?.sides ?? [{ side: 0, dimension: '' }];
  const rows = ranges.flatMap((range) => sides.map((side) => ({ ...range, ...side })));
  const columns = [
    parameters.put(
      rows.map(({ piece }) => groups.get(piece.tenants.join(' '))),
      'int[]',
    ),
    parameters.put(
      rows.map(({ piece }) => timeKey(piece.from, piece)),
      type,
    ),
    parameters.put(
      rows.map(({ piece }) => timeKey(piece.to, piece)),
      type,
    ),
    parameters.put(
      rows.map(({ slot }) => slot),
      'int[]',
    ),
    parameters.put(
      rows.map(({ piece, side }) => (side === 1 ? -piece.sign : piece.sign)),
      'int[]',
    ),
    parameters.put(
      rows.map(({ dimension }) => dimension),
      'text[]',
    ),
  ];
  const time = TIME_COLUMNS[source];
  const conditions = [
    'tenant_id = member.tenant',
    ...(reading === null ? [] : ['dimension = range.dimension']),
    `${time} >= range.low`,
    `${time} < range.high`,
    ...(reading === null || reading.values === null ? [] : [reading.values]),
    ...Object.entries(plan.query.filters)
      .filter(([dimension]) => reading === null || dimension !== plan.further)
      .map(([dimension, wanted]) => filterSql(allowed(dimension), wanted ?? [], source, parameters)),
  ];
  const names = columnsOf(plan.fields);
  const read = source === 'usage_events' ? eventSumsSql(plan.fields) : names.join(', ');
  return `  select slot, sign, ${names.join(', ')}
    from unnest(${columns.join(', ')}) as range (members, low, high, slot, sign, dimension)
    join ${tenants} using (members)
   cross join lateral (select ${names.map((name) => `sum(${name}) as ${name}`).join(', ')}
     from (select ${read} from ${source} where ${conditions.join(' and ')}) as kept) as summed`;
}
