/** How each table spells dimensions and sums. Every identifier that reaches SQL stands here or in `weight.ts`. */

import { LATENCY_BINS, latencyUsSql } from '../../../ledger/latency.ts';
import {
  CORE_DIMENSIONS,
  type Dimension,
  EVENT_DIMENSIONS,
  type EventDimension,
  isDimension,
  ROLLUP_DIMENSIONS,
  type RollupDimension,
} from '../../cost-query.ts';
import type { SumField } from '../../sums.ts';
import type { Source } from '../cover.ts';
import { isOneOf } from '../reach.ts';
import { SUM_COLUMNS, type SumColumn } from '../sum-rows.ts';

/** Collects the values of a statement; what is put in comes back as its placeholder. */
export class Parameters {
  readonly values: unknown[] = [];

  /** `$n::type`; the type is written by us, the value by anyone. */
  put(
    value: unknown,
    type: 'text' | 'text[]' | 'timestamptz' | 'timestamptz[]' | 'date' | 'date[]' | 'int' | 'int[]',
  ): string {
    this.values.push(value);
    return `$${this.values.length}::${type}`;
  }
}

const EVENT_COLUMNS: { readonly [D in RollupDimension | EventDimension]: string } = {
  project: 'project',
  environment: 'environment',
  agent: 'agent',
  api_key: 'api_key_id::text',
  user: 'user_id',
  workflow: 'workflow',
  task: 'task',
  session: 'session',
  request_id: 'request_id',
  status: 'status',
  door: 'door',
};

/** The last guard before a name becomes SQL; the edge has refused it long before. */
export function allowed(dimension: string): Dimension {
  if (!isDimension(dimension)) throw new TypeError(`"${dimension}" is not a dimension`);
  return dimension;
}

/** The SQL of a dimension in a table; never null, "" stands for no value. */
export function dimensionSql(dimension: Dimension, source: Source, parameters: Parameters): string {
  if (dimension === 'tenant') return 'tenant_id';
  if (isOneOf(CORE_DIMENSIONS, dimension)) return dimension;
  if (source !== 'usage_events') return 'value';
  return `coalesce(${eventColumn(dimension, parameters)}, '')`;
}

/** The SQL that keeps what has one of the values. A column stays bare where it can, so that an index may serve. */
export function filterSql(
  dimension: Dimension,
  wanted: readonly string[],
  source: Source,
  parameters: Parameters,
): string {
  const bare =
    source === 'usage_events' &&
    !isOneOf(CORE_DIMENSIONS, dimension) &&
    dimension !== 'tenant' &&
    !wanted.includes('');
  const subject = bare ? eventColumn(dimension, parameters) : dimensionSql(dimension, source, parameters);
  return `${subject} = any(${parameters.put([...wanted], 'text[]')})`;
}

function eventColumn(
  dimension: Exclude<Dimension, 'tenant' | 'provider' | 'model' | 'operation'>,
  parameters: Parameters,
) {
  if (isOneOf(ROLLUP_DIMENSIONS, dimension) || isOneOf(EVENT_DIMENSIONS, dimension))
    return EVENT_COLUMNS[dimension];
  return `tags ->> ${parameters.put(dimension.slice('tag.'.length), 'text')}`;
}

const ofPriced = (column: string) => `case when total_cost is null then 0 else ${column} end`;

/** Each sum's contribution of one event, spelled as the rollups are written. */
const EVENT_SUMS: { readonly [C in Exclude<SumColumn, 'latency_bins'>]: string } = {
  requests: '1::bigint',
  errors: "(status <> 'ok')::int::bigint",
  unpriced_requests: '(total_cost is null)::int::bigint',
  input_tokens: 'input_tokens',
  output_tokens: 'output_tokens',
  cache_read_tokens: 'cache_read_tokens',
  cache_write_tokens: 'cache_write_tokens',
  reasoning_tokens: 'reasoning_tokens',
  timed_requests: '(latency_ms is not null)::int::bigint',
  latency_us: `coalesce(${latencyUsSql('latency_ms')}, 0)`,
  input_cost: ofPriced('input_cost'),
  output_cost: ofPriced('output_cost'),
  other_cost: ofPriced('other_cost'),
  cache_read_cost: ofPriced('cache_read_cost'),
  cache_write_cost: ofPriced('cache_write_cost'),
  reasoning_cost: ofPriced('reasoning_cost'),
  list_cost: ofPriced('coalesce(list_cost, 0)'),
  total_cost: 'coalesce(total_cost, 0)',
};

const BIN_COLUMNS = Array.from({ length: LATENCY_BINS }, (_, bin) => `l${String(bin).padStart(2, '0')}`);

/** The columns of a statement that sums these fields. */
export function columnsOf(fields: readonly SumField[]): readonly string[] {
  return fields.flatMap((field) => (field === 'latencyBins' ? BIN_COLUMNS : [SUM_COLUMNS[field]]));
}

/** The columns as the statement answers them: text, the bins as one array. */
export function answeredSql(fields: readonly SumField[]): string {
  return fields
    .map((field) =>
      field === 'latencyBins'
        ? `array[${BIN_COLUMNS.map((bin) => `coalesce(sum(${bin}), 0)::bigint`).join(', ')}] as latency_bins`
        : `sum(${SUM_COLUMNS[field]})::text as ${SUM_COLUMNS[field]}`,
    )
    .join(', ');
}

/** The sum columns of events, each under its name; `bin` is what {@link EVENT_BIN} makes. */
export function eventSumsSql(fields: readonly SumField[]): string {
  return fields
    .flatMap((field) => {
      const column = SUM_COLUMNS[field];
      return column === 'latency_bins'
        ? BIN_COLUMNS.map((name, bin) => `case when bin = ${bin} then 1::bigint end as ${name}`)
        : [`${EVENT_SUMS[column]} as ${column}`];
    })
    .join(', ');
}

/** The bin of an event's latency, as one more column. */
export const EVENT_BIN = `latency_bin(${latencyUsSql('latency_ms')}) as bin`;

/** The time column of a table. */
export const TIME_COLUMNS: { readonly [S in Source]: string } = {
  rollups_day: 'bucket',
  rollups_15m: 'bucket',
  usage_events: 'event_time',
};
