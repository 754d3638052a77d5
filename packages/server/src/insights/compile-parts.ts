/** The selects that a cost statement adds up: which rows of which table, and which bucket they fall into. */
import { BASE_DIMENSION } from '../rollups/dimensions.ts';
import {
  allowed,
  columnsOf,
  dimensionSql,
  EVENT_BIN,
  eventSumsSql,
  filterSql,
  type Parameters,
  storedDimension,
  TIME_COLUMNS,
} from './compile-columns.ts';
import type { CostPlan, PlannedPeriod } from './cost-plan.ts';
import type { Dimension } from './cost-query.ts';
import { dayKey, nearestMidnight, type Piece } from './cover.ts';

type RollupPiece = Piece & { readonly source: 'rollups_day' | 'rollups_15m' };

/**
 * The parts of a statement, each with `side`, `slot`, keys and sums. Side 1 is a dimension's rows of a statement that
 * must also know what has no value there, side 0 everything else; 2 more, and the row is to be subtracted.
 */
export interface Parts {
  readonly selects: readonly string[];
  /** Whether anything is subtracted. */
  readonly subtracts: boolean;
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
  const subtracts = plan.periods.some(({ pieces }) =>
    pieces.some(({ sign, moved }) => sign < 0 || moved !== null),
  );
  return { selects, subtracts, rest: reading?.rest ?? null };
}

/** Which rows of the rollups are read. */
export interface Reading {
  readonly sides: readonly { readonly side: 0 | 1; readonly dimension: string }[];
  /** A condition on `value` that holds for both sides, or null. */
  readonly values: string | null;
  /** What stands for the further dimension among the keys; rows of `all` have the value "". */
  readonly key: string;
  readonly rest: Parts['rest'];
}

export function readingOf(
  {
    further,
    query,
  }: Pick<CostPlan, 'further'> & { readonly query: Pick<CostPlan['query'], 'filters' | 'groupBy'> },
  parameters: Parameters,
): Reading {
  const all = { side: 0, dimension: BASE_DIMENSION } as const;
  if (further === null) return { sides: [all], values: null, key: 'value', rest: null };
  const wanted = query.filters[further];
  const valuesSql = (condition: string, names: readonly string[]) =>
    `value ${condition}(${parameters.put([...names], 'text[]')})`;
  if (wanted !== undefined && !wanted.includes('')) {
    const sides = [{ side: 0, dimension: further }] as const;
    return { sides, values: valuesSql('= any', wanted), key: 'value', rest: null };
  }
  const sides = [all, { side: 1, dimension: further }] as const;
  const names = wanted?.filter((value) => value !== '');
  const grouped = query.groupBy.indexOf(further);
  const keys = keyNames(query.groupBy);
  const keysAsNone = keys.map((key, index) => (index === grouped ? `''::text as ${key}` : key));
  if (grouped === -1 || names?.length === 0) {
    // Only what is not wanted has to be taken away from everything.
    const values = names === undefined || names.length === 0 ? null : valuesSql('<> all', names);
    return { sides, values, key: "''::text", rest: { kept: 'side & 1 = 0', keysAsNone } };
  }
  const kept =
    names === undefined
      ? 'true'
      : `side & 1 = 0 or ${keys[grouped] ?? ''} = any(${parameters.put(names, 'text[]')})`;
  return { sides, values: null, key: 'value', rest: { kept, keysAsNone } };
}

/** Pieces that one select reads, with the period each belongs to. */
interface RollupGroup {
  readonly source: RollupPiece['source'];
  readonly periods: readonly { readonly period: PlannedPeriod; readonly pieces: readonly RollupPiece[] }[];
}

/** One group per table; one per zone too, where buckets are told apart by local dates. */
function rollupGroups(periods: readonly PlannedPeriod[]): RollupGroup[] {
  const groups = new Map<
    string,
    { source: RollupPiece['source']; periods: Map<PlannedPeriod, RollupPiece[]> }
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

const isRollup = (piece: Piece): piece is RollupPiece => piece.source !== 'usage_events';

/**
 * One index range per tenant, piece and side. `offset 0` keeps the planner from making a join of it: whatever the
 * statistics say, walking the range is what these keys are for.
 */
function selectRollups(
  plan: CostPlan,
  { source, periods }: RollupGroup,
  reading: Reading,
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
    column(({ side, piece }) => (piece.sign < 0 ? side + 2 : side), 'int[]'),
    column(({ dimension }) => storedDimension(dimension, source, plan.query), 'text[]'),
  ];
  const sums = columnsOf(plan.readFields).join(', ');
  return `  select side, ${periodSlotSql(periods, parameters)} as slot${keysSql(plan, source, reading, parameters)}, ${sums}
    from unnest(${columns.join(', ')}) as range (tenant, low, high, period, side, dimension)
   cross join lateral (${keptSql(plan, source, reading, parameters)}) as kept`;
}

/** Quarter hours that move from one bucket to another: read once, summed, and put in both with either sign. */
function selectMoved(plan: CostPlan, reading: Reading, parameters: Parameters): readonly string[] {
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
    `  select place.side, place.slot, ${[...names, ...sums].join(', ')}
    from (select origin, target, side${keysSql(plan, source, reading, parameters)}, ${added.join(', ')}
            from unnest(${columns.join(', ')}) as range (tenant, low, high, origin, target, side, dimension)
           cross join lateral (${keptSql(plan, source, reading, parameters)}) as kept
           group by ${by}) as moved
   cross join lateral (values (moved.target, moved.side), (moved.origin, moved.side + 2)) as place (slot, side)`,
  ];
}

function keysSql(
  { query, further }: CostPlan,
  source: RollupPiece['source'],
  reading: Reading,
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
  { query, further, readFields }: CostPlan,
  source: RollupPiece['source'],
  reading: Reading,
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
  return `select tenant_id, bucket, value, provider, model, operation, ${columnsOf(readFields).join(', ')}
       from ${source} where ${conditions.join(' and ')} offset 0`;
}

/** The slot of a row of either period. */
function periodSlotSql(periods: RollupGroup['periods'], parameters: Parameters): string {
  const slots = periods.map(({ period, pieces }) => slotSql(period, pieces, parameters));
  const [first = '0', second] = slots;
  // The current period comes first.
  return second === undefined ? first : `case when period = 1 then ${first} else ${second} end`;
}

function selectEvents(plan: CostPlan, period: PlannedPeriod, piece: Piece, parameters: Parameters): string {
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

/** An instant as the table's time column spells it. */
export const timeKey = (at: number, zone: string | null): string =>
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
  // Days are told apart by the midnights that come nearest to the edges.
  const { zone = null } = piece ?? {};
  const all =
    zone === null ? period.innerEdges : period.innerEdges.map((edge) => nearestMidnight(edge, zone));
  const before = all.filter((edge) => edge <= from).length;
  const inside = all.filter((edge) => edge > from && edge < to);
  if (inside.length === 0 || piece === undefined) return String(before);
  const time = TIME_COLUMNS[piece.source];
  const edges = inside.map((edge) => timeKey(edge, piece.zone));
  if (piece.zone === null)
    return `(${before} + width_bucket(${time}, ${parameters.put(edges, 'timestamptz[]')}))`;
  const [first = ''] = edges;
  // One bucket a day: their distance is the number, at a fraction of the time.
  const days = [timeKey(from, piece.zone), ...edges, timeKey(to, piece.zone)];
  const daily = days.every((day, index) => daysBetween(first, day) === index - 1);
  return daily
    ? `(${before} + (${time} - ${parameters.put(first, 'date')}) + 1)`
    : `(${before} + width_bucket(${time}, ${parameters.put(edges, 'date[]')}))`;
}

const daysBetween = (first: string, second: string): number =>
  Math.round((Date.parse(second) - Date.parse(first)) / 86_400_000);
