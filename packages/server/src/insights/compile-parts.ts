/** The selects that a cost statement adds up: which rows of which table, and which bucket they fall into. */
import {
  allowed,
  columnsOf,
  dimensionSql,
  EVENT_BIN,
  eventSumsSql,
  filterSql,
  type Parameters,
  TIME_COLUMNS,
} from './compile-columns.ts';
import type { CostPlan, PlannedPeriod } from './cost-plan.ts';
import type { Dimension } from './cost-query.ts';
import { dayKey, type Piece } from './cover.ts';

type RollupPiece = Piece & { readonly source: 'rollups_day' | 'rollups_15m' };

/**
 * The parts of a statement, each with `side`, `slot`, keys and sums. Side 1 is a dimension's rows of a statement that
 * must also know what has no value there, side 0 everything else.
 */
export interface Parts {
  readonly selects: readonly string[];
  /** How side 1 is used; null where there is none. */
  readonly rest: {
    /** What counts under its own key. */
    readonly kept: string;
    /** The keys of what side 1 is subtracted from: its dimension's is "". */
    readonly keysAsNone: readonly string[];
  } | null;
}

export const keyNames = (groupBy: readonly Dimension[]): string[] =>
  groupBy.map((_, index) => `key_${index}`);

export function partsOf(plan: CostPlan, parameters: Parameters): Parts {
  const rolledUp = plan.periods.some((period) => rollupGroups(period).length > 0);
  const sides = rolledUp ? sidesOf(plan, parameters) : { reads: [], rest: null };
  const selects = plan.periods.flatMap((period) => [
    ...period.pieces
      .filter((piece) => piece.source === 'usage_events')
      .map((piece) => selectEvents(plan, period, piece, parameters)),
    ...rollupGroups(period).flatMap((pieces) =>
      sides.reads.map((side) => selectRollups(plan, period, pieces, side, parameters)),
    ),
  ]);
  return { selects, rest: sides.rest };
}

/** One way in which a rollup's rows are read. */
interface Side {
  readonly side: 0 | 1;
  readonly dimension: string;
  /** A condition on `value`, or null. */
  readonly values: string | null;
  /** What stands for the further dimension among the keys. */
  readonly key: string;
}

function sidesOf(plan: CostPlan, parameters: Parameters): { readonly reads: Side[]; rest: Parts['rest'] } {
  const { further, query } = plan;
  const all: Side = { side: 0, dimension: 'all', values: null, key: "''::text" };
  if (further === null) return { reads: [all], rest: null };
  const named: Side = { side: 0, dimension: further, values: null, key: 'value' };
  const wanted = query.filters[further];
  const grouped = query.groupBy.indexOf(further);
  if (wanted !== undefined && !wanted.includes('')) {
    return {
      reads: [{ ...named, values: `value = any(${parameters.put([...wanted], 'text[]')})` }],
      rest: null,
    };
  }
  const names = wanted?.filter((value) => value !== '');
  const keys = keyNames(query.groupBy);
  const keysAsNone = keys.map((key, index) => (index === grouped ? `''::text as ${key}` : key));
  if (grouped === -1 || names?.length === 0) {
    // Only what is not wanted has to be taken away from everything.
    const values =
      names === undefined || names.length === 0 ? null : `value <> all(${parameters.put(names, 'text[]')})`;
    return {
      reads: [all, { ...named, side: 1, values, key: "''::text" }],
      rest: { kept: 'side = 0', keysAsNone },
    };
  }
  const kept =
    names === undefined
      ? 'true'
      : `side = 0 or ${keys[grouped] ?? ''} = any(${parameters.put(names, 'text[]')})`;
  return { reads: [all, { ...named, side: 1 }], rest: { kept, keysAsNone } };
}

/** Pieces that one select reads: of one table, and of one zone where buckets are told apart by local dates. */
function rollupGroups(period: PlannedPeriod): RollupPiece[][] {
  const pieces = period.pieces.filter((piece): piece is RollupPiece => piece.source !== 'usage_events');
  const byDates = period.innerEdges.length > 0;
  return [...Map.groupBy(pieces, (piece) => `${piece.source} ${byDates ? piece.zone : ''}`).values()];
}

/**
 * One index range per tenant and piece. `offset 0` keeps the planner from making a join of it: whatever the statistics
 * say, walking the range is what these keys are for.
 */
function selectRollups(
  plan: CostPlan,
  period: PlannedPeriod,
  pieces: readonly RollupPiece[],
  side: Side,
  parameters: Parameters,
): string {
  const [{ source }] = pieces as readonly [RollupPiece];
  const type = source === 'rollups_day' ? 'date' : 'timestamptz';
  const ranges = pieces.flatMap((piece) => piece.tenants.map((tenant) => ({ tenant, piece })));
  const column = (of: (range: (typeof ranges)[number]) => string, kind: 'text[]' | `${typeof type}[]`) =>
    parameters.put(ranges.map(of), kind);
  const piece = `unnest(${column(({ tenant }) => tenant, 'text[]')}, ${column(
    (range) => timeKey(range.piece.from, range.piece),
    `${type}[]`,
  )}, ${column((range) => timeKey(range.piece.to, range.piece), `${type}[]`)})`;
  const keys = plan.query.groupBy.map((dimension, index) => {
    const sql = dimension === plan.further ? side.key : dimensionSql(allowed(dimension), source, parameters);
    return `, ${sql} as key_${index}`;
  });
  const conditions = [
    'tenant_id = piece.tenant',
    `dimension = ${parameters.put(side.dimension, 'text')}`,
    'bucket >= piece.low',
    'bucket < piece.high',
    ...(side.values === null ? [] : [side.values]),
    ...Object.entries(plan.query.filters)
      .filter(([dimension]) => dimension !== plan.further)
      .map(([dimension, wanted]) => filterSql(allowed(dimension), wanted ?? [], source, parameters)),
  ];
  return `  select ${side.side} as side, ${slotSql(period, pieces, parameters)} as slot${keys.join('')}, ${columnsOf(plan.readFields).join(', ')}
    from ${piece} as piece (tenant, low, high)
   cross join lateral (
     select * from ${source} where ${conditions.join(' and ')} offset 0) as kept`;
}

function selectEvents(plan: CostPlan, period: PlannedPeriod, piece: Piece, parameters: Parameters): string {
  const keys = plan.query.groupBy.map(
    (dimension, index) => `, ${dimensionSql(allowed(dimension), 'usage_events', parameters)} as key_${index}`,
  );
  const conditions = [
    `tenant_id = any(${parameters.put([...piece.tenants], 'text[]')})`,
    `event_time >= ${parameters.put(timeKey(piece.from, piece), 'timestamptz')}`,
    `event_time < ${parameters.put(timeKey(piece.to, piece), 'timestamptz')}`,
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

/** An instant as the table's time column spells it. */
const timeKey = (at: number, { zone }: Piece): string =>
  zone === null ? new Date(at).toISOString() : dayKey(at, zone);

function slotSql(period: PlannedPeriod, pieces: readonly Piece[], parameters: Parameters): string {
  const bucket = bucketSql(period, pieces, parameters);
  return period.which === 'current' ? bucket : `-1 - ${bucket}`;
}

/** Number of the bucket a row's time falls into: how many inner edges are not after it. */
function bucketSql(period: PlannedPeriod, pieces: readonly Piece[], parameters: Parameters): string {
  const [piece] = pieces;
  const from = Math.min(...pieces.map((one) => one.from));
  const to = Math.max(...pieces.map((one) => one.to));
  const before = period.innerEdges.filter((edge) => edge <= from).length;
  const inside = period.innerEdges.filter((edge) => edge > from && edge < to);
  if (inside.length === 0 || piece === undefined) return String(before);
  const time = TIME_COLUMNS[piece.source];
  const edges = inside.map((edge) => timeKey(edge, piece));
  if (piece.zone === null)
    return `(${before} + width_bucket(${time}, ${parameters.put(edges, 'timestamptz[]')}))`;
  const [first = ''] = edges;
  // One bucket a day: their distance is the number, at a fraction of the time.
  const days = [timeKey(from, piece), ...edges, timeKey(to, piece)];
  const daily = days.every((day, index) => daysBetween(first, day) === index - 1);
  return daily
    ? `(${before} + (${time} - ${parameters.put(first, 'date')}) + 1)`
    : `(${before} + width_bucket(${time}, ${parameters.put(edges, 'date[]')}))`;
}

const daysBetween = (first: string, second: string): number =>
  Math.round((Date.parse(second) - Date.parse(first)) / 86_400_000);
