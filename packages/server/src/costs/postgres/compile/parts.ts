/** The selects that a cost statement adds up: which rows of which table, and which bucket they fall into. */

import type { CoverPiece } from '../cover.ts';
import type { CoveredPeriod, CoveredPlan } from '../pieces.ts';
import {
  allowed,
  columnsOf,
  dimensionSql,
  EVENT_BIN,
  eventSumsSql,
  filterSql,
  type Parameters,
  rollupSumsSql,
} from './columns.ts';
import { keyNames, type RollupReading, readingOf, storedDimension } from './rollup-reading.ts';
import { periodSlotSql, slotSql, timeKey } from './slots.ts';

type RollupPiece = CoverPiece & { readonly source: 'rollups_day' | 'rollups_15m' };

/**
 * The parts of a statement, each with `side`, `slot`, keys and sums. Side 1 is a dimension's rows of a statement that
 * must also know what has no value there, side 0 everything else.
 */
export interface StatementParts {
  readonly selects: readonly string[];
  readonly rest: RollupReading['rest'];
}

export function statementPartsOf(plan: CoveredPlan, parameters: Parameters): StatementParts {
  const groups = rollupGroups(plan.periods);
  const reading = groups.length > 0 ? readingOf(plan, parameters) : null;
  const selects = [
    ...plan.periods.flatMap((period) =>
      period.pieces
        .filter((piece) => piece.source === 'usage_events')
        .map((piece) => selectEvents(plan, period, piece, parameters)),
    ),
    ...(reading === null ? [] : groups.map((group) => selectRollups(plan, group, reading, parameters))),
    ...(reading === null ? [] : selectMoved(plan, reading, parameters)),
  ];
  return { selects, rest: reading?.rest ?? null };
}

/** Pieces read by one select, each with its period. */
interface RollupGroup {
  readonly source: RollupPiece['source'];
  readonly periods: readonly { readonly period: CoveredPeriod; readonly pieces: readonly RollupPiece[] }[];
}

/** One group per table, and per zone where buckets are cut by local dates. */
function rollupGroups(periods: readonly CoveredPeriod[]): RollupGroup[] {
  const groups = new Map<
    string,
    { source: RollupPiece['source']; periods: Map<CoveredPeriod, RollupPiece[]> }
  >();
  for (const period of periods) {
    for (const piece of period.pieces) {
      if (!isRollup(piece) || piece.moved !== null) continue;
      const key = `${piece.source} ${period.innerEdges.length > 0 ? piece.zone : ''}`;
      const group = groups.get(key) ?? { source: piece.source, periods: new Map() };
      groups.set(key, group);
      group.periods.set(period, [...(group.periods.get(period) ?? []), piece]);
    }
  }
  return [...groups.values()].map((group) => ({
    source: group.source,
    periods: [...group.periods].map(([period, pieces]) => ({ period, pieces })),
  }));
}

const isRollup = (piece: CoverPiece): piece is RollupPiece => piece.source !== 'usage_events';

/**
 * One index range per tenant, piece and side. `offset 0` keeps the planner from turning it into a join: these keys
 * exist for range scans, whatever the statistics say.
 */
function selectRollups(
  plan: CoveredPlan,
  { source, periods }: RollupGroup,
  reading: RollupReading,
  parameters: Parameters,
): string {
  const type = source === 'rollups_day' ? 'date[]' : 'timestamptz[]';
  const ranges = periods.flatMap(({ period, pieces }) =>
    pieces.flatMap((piece) =>
      piece.tenants.flatMap((tenant) => reading.sides.map((side) => ({ period, piece, tenant, ...side }))),
    ),
  );
  type Range = (typeof ranges)[number];
  const column = (of: (range: Range) => unknown, kind: 'text[]' | 'int[]' | typeof type) =>
    parameters.put(ranges.map(of), kind);
  const columns = [
    column(({ tenant }) => tenant, 'text[]'),
    column(({ piece }) => timeKey(piece.from, piece.zone), type),
    column(({ piece }) => timeKey(piece.to, piece.zone), type),
    column(({ period }) => (period.which === 'current' ? 1 : -1), 'int[]'),
    column(({ side }) => side, 'int[]'),
    column(({ piece }) => piece.sign, 'int[]'),
    column(({ dimension }) => storedDimension(dimension, source, plan.query), 'text[]'),
  ];
  const names = columnsOf(plan.readFields);
  const subtracts = ranges.some(({ piece }) => piece.sign < 0);
  const sums = subtracts ? signedSql(names) : names.join(', ');
  return `  select side, ${periodSlotSql(periods, parameters)} as slot${keysSql(plan, source, reading, parameters)}, ${sums}
    from unnest(${columns.join(', ')}) as range (tenant, low, high, period, side, sign, dimension)
   cross join lateral (${keptSql(plan, source, reading, parameters)}) as kept`;
}

/** Quarter hours that move from one bucket to another: read once, summed, and put in both with either sign. */
function selectMoved(plan: CoveredPlan, reading: RollupReading, parameters: Parameters): readonly string[] {
  const source = 'rollups_15m';
  const ranges = plan.periods.flatMap((period) =>
    period.pieces.flatMap(({ from, to, tenants, moved }) => {
      if (moved === null) return [];
      const slot = (bucket: number) => (period.which === 'current' ? bucket : -1 - bucket);
      const range = { from, to, origin: slot(moved.from), target: slot(moved.to) };
      return tenants.flatMap((tenant) => reading.sides.map((side) => ({ ...range, tenant, ...side })));
    }),
  );
  if (ranges.length === 0) return [];
  type Range = (typeof ranges)[number];
  const column = (of: (range: Range) => unknown, kind: 'text[]' | 'int[]' | 'timestamptz[]') =>
    parameters.put(ranges.map(of), kind);
  const columns = [
    column(({ tenant }) => tenant, 'text[]'),
    column(({ from }) => timeKey(from, null), 'timestamptz[]'),
    column(({ to }) => timeKey(to, null), 'timestamptz[]'),
    column(({ origin }) => origin, 'int[]'),
    column(({ target }) => target, 'int[]'),
    column(({ side }) => side, 'int[]'),
    column(({ dimension }) => storedDimension(dimension, source, plan.query), 'text[]'),
  ];
  const names = keyNames(plan.query.groupBy);
  const sums = columnsOf(plan.readFields);
  const added = sums.map((name) => `sum(${name})${name.endsWith('_cost') ? '' : '::bigint'} as ${name}`);
  const by = Array.from({ length: 3 + names.length }, (_, index) => index + 1).join(', ');
  return [
    `  select side, place.slot, ${[...names, signedSql(sums)].join(', ')}
    from (select origin, target, side${keysSql(plan, source, reading, parameters)}, ${added.join(', ')}
            from unnest(${columns.join(', ')}) as range (tenant, low, high, origin, target, side, dimension)
           cross join lateral (${keptSql(plan, source, reading, parameters)}) as kept
           group by ${by}) as moved
   cross join (values (1), (-1)) as signs (sign)
   cross join lateral (select case when sign > 0 then target else origin end) as place (slot)`,
  ];
}

const signedSql = (names: readonly string[]): string =>
  names.map((name) => `case when sign < 0 then -${name} else ${name} end as ${name}`).join(', ');

function keysSql(
  { query, further }: CoveredPlan,
  source: RollupPiece['source'],
  reading: RollupReading,
  parameters: Parameters,
): string {
  const keys = query.groupBy.map((dimension, index) => {
    const sql = dimension === further ? reading.key : dimensionSql(allowed(dimension), source, parameters);
    return `, ${sql} as key_${index}`;
  });
  return keys.join('');
}

/** The rows of one `range`. */
function keptSql(
  { query, further, readFields }: CoveredPlan,
  source: RollupPiece['source'],
  reading: RollupReading,
  parameters: Parameters,
): string {
  const conditions = [
    'tenant_id = range.tenant',
    'dimension = range.dimension',
    'bucket >= range.low',
    'bucket < range.high',
    ...(reading.values === null ? [] : [reading.values]),
    ...Object.entries(query.filters)
      .filter(([dimension]) => dimension !== further)
      .map(([dimension, wanted]) => filterSql(allowed(dimension), wanted ?? [], source, parameters)),
  ];
  return `select tenant_id, bucket, value, provider, model, operation, ${rollupSumsSql(readFields)}
       from ${source} where ${conditions.join(' and ')} offset 0`;
}

function selectEvents(
  plan: CoveredPlan,
  period: CoveredPeriod,
  piece: CoverPiece,
  parameters: Parameters,
): string {
  const keys = plan.query.groupBy.map(
    (dimension, index) => `, ${dimensionSql(allowed(dimension), 'usage_events', parameters)} as key_${index}`,
  );
  const conditions = [
    `tenant_id = any(${parameters.put([...piece.tenants], 'text[]')})`,
    `event_time >= ${parameters.put(timeKey(piece.from, piece.zone), 'timestamptz')}`,
    `event_time < ${parameters.put(timeKey(piece.to, piece.zone), 'timestamptz')}`,
    ...Object.entries(plan.query.filters).map(([dimension, wanted]) =>
      filterSql(allowed(dimension), wanted ?? [], 'usage_events', parameters),
    ),
  ];
  const bin = plan.readFields.includes('latencyBins')
    ? `cross join lateral (select ${EVENT_BIN}) as timed`
    : '';
  return `  select 0 as side, ${slotSql(period, [piece], parameters)} as slot${keys.join('')}, ${eventSumsSql(plan.readFields)}
    from usage_events ${bin}
   where ${conditions.join(' and ')}`;
}
