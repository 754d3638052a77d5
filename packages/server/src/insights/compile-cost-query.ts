/** `CostQuery` → one SQL statement. The only place that knows the ledger's tables for reading sums. */
import {
  dimensionSql,
  filterSql,
  MEASURE_COLUMNS,
  Parameters,
  SUM_COLUMNS,
  sumsSql,
  TIME_COLUMNS,
} from './compile-columns.ts';
import { type CostQuery, type Dimension, isDimension } from './cost-query.ts';
import { dayKey, type Piece } from './cover.ts';

/** One of the two periods a statement sums, cut into pieces. */
export interface PlannedPeriod {
  readonly which: 'current' | 'previous';
  readonly pieces: readonly Piece[];
  /** Where one bucket ends and the next begins; empty for a single one. Ascending. */
  readonly innerEdges: readonly number[];
}

/** What is to be compiled: the query, where its pieces come from and which tenants it may see. */
export interface CostPlan {
  readonly query: Pick<CostQuery, 'timezone' | 'groupBy' | 'filters' | 'rankBy' | 'limit'>;
  readonly tenants: readonly string[];
  /** Rows of the rollups to read: `all` or the one further dimension. */
  readonly dimension: string;
  readonly periods: readonly PlannedPeriod[];
}

/**
 * The statement answers one row per slot and place. `slot` n ≥ 0 is bucket n of the period, −1−n bucket n of the
 * compared one; `place` counts from 1 by rank, and `limit + 1` is everything below.
 */
export function compileCostPlan(plan: CostPlan): {
  readonly text: string;
  readonly values: readonly unknown[];
} {
  const parameters = new Parameters();
  const keys = plan.query.groupBy.map((_, index) => `key_${index}`);
  const tenants = parameters.put([...plan.tenants], 'text[]');
  const selects = plan.periods.flatMap((period) =>
    period.pieces.map((piece) => selectPiece(plan, period, piece, tenants, parameters)),
  );
  const limit = parameters.put(plan.query.limit, 'int');
  const weight = `coalesce(sum(${MEASURE_COLUMNS[plan.query.rankBy]}) filter (where slot >= 0) over (${partition(keys)}), 0)`;
  const order = ['weight desc', ...keys.map((key) => `${key} collate "C"`)].join(', ');
  const text = `with parts as (
${selects.join('\nunion all\n')}
), cells as (
  select slot${list(keys)}, ${SUM_COLUMNS.map((column) => `sum(${column}) as ${column}`).join(', ')}
    from parts group by slot${list(keys)}
  having sum(requests) <> 0 -- rows emptied by a superseded event
), weighed as (
  select *, ${weight} as weight from cells
), ranked as (
  select *, dense_rank() over (order by ${order}) as place from weighed
)
select slot, least(place, ${limit} + 1)::int as place, (select max(place) from ranked)::int as group_count,
       ${keys.map((key) => `case when place <= ${limit} then ${key} end as ${key}, `).join('')}
       ${SUM_COLUMNS.map((column) => `sum(${column})::text as ${column}`).join(', ')}
  from ranked
 group by 1, 2${keys.map((_, index) => `, ${index + 4}`).join('')}
 order by 2, 1`;
  return { text, values: parameters.values };
}

const list = (names: readonly string[]): string => names.map((name) => `, ${name}`).join('');
const partition = (keys: readonly string[]): string =>
  keys.length === 0 ? '' : `partition by ${keys.join(', ')}`;

function selectPiece(
  plan: CostPlan,
  period: PlannedPeriod,
  piece: Piece,
  tenants: string,
  parameters: Parameters,
): string {
  const time = TIME_COLUMNS[piece.source];
  const at = (instant: number) => instantSql(instant, piece, plan.query.timezone, parameters);
  const keys = plan.query.groupBy.map(
    (dimension, index) => `, ${dimensionSql(allowed(dimension), piece.source, parameters)} as key_${index}`,
  );
  const conditions = [
    `tenant_id = any(${tenants})`,
    ...(piece.source === 'usage_events' ? [] : [`dimension = ${parameters.put(plan.dimension, 'text')}`]),
    `${time} >= ${at(piece.from)}`,
    `${time} < ${at(piece.to)}`,
    ...Object.entries(plan.query.filters).map(([dimension, wanted]) =>
      filterSql(allowed(dimension), wanted ?? [], piece.source, parameters),
    ),
  ];
  return `  select ${slotSql(period, piece, plan.query.timezone, parameters)} as slot${keys.join('')}, ${sumsSql(piece.source)}
    from ${piece.source}
   where ${conditions.join(' and ')}`;
}

/** The last guard before a name becomes SQL; the edge has refused it long before. */
function allowed(dimension: string): Dimension {
  if (!isDimension(dimension)) throw new TypeError(`"${dimension}" is not a dimension`);
  return dimension;
}

function slotSql(period: PlannedPeriod, piece: Piece, timezone: string, parameters: Parameters): string {
  const bucket = bucketSql(period, piece, timezone, parameters);
  return period.which === 'current' ? bucket : `-1 - ${bucket}`;
}

/** Number of the bucket a row's time falls into: how many inner edges are not after it. */
function bucketSql(period: PlannedPeriod, piece: Piece, timezone: string, parameters: Parameters): string {
  const before = period.innerEdges.filter((edge) => edge <= piece.from).length;
  const inside = period.innerEdges.filter((edge) => edge > piece.from && edge < piece.to);
  if (inside.length === 0) return String(before);
  const edges =
    piece.source === 'rollups_day'
      ? parameters.put(
          inside.map((edge) => dayKey(edge, timezone)),
          'date[]',
        )
      : parameters.put(
          inside.map((edge) => new Date(edge).toISOString()),
          'timestamptz[]',
        );
  return `(${before} + width_bucket(${TIME_COLUMNS[piece.source]}, ${edges}))`;
}

function instantSql(instant: number, piece: Piece, timezone: string, parameters: Parameters): string {
  return piece.source === 'rollups_day'
    ? parameters.put(dayKey(instant, timezone), 'date')
    : parameters.put(new Date(instant).toISOString(), 'timestamptz');
}
