/** How each table spells dimensions and sums. Every identifier that reaches SQL stands in this file. */

import type { Source } from './cost-query.ts';
import {
  CORE_DIMENSIONS,
  type Dimension,
  EVENT_DIMENSIONS,
  type EventDimension,
  type Measure,
  ROLLUP_DIMENSIONS,
  type RollupDimension,
} from './cost-query.ts';
import { COST_COLUMNS, COUNT_COLUMNS, type SumColumn } from './sums.ts';

/** Collects the values of a statement; what is put in comes back as its placeholder. */
export class Parameters {
  readonly values: unknown[] = [];

  /** `$n::type`; the type is written by us, the value by anyone. */
  put(
    value: unknown,
    type: 'text' | 'text[]' | 'timestamptz' | 'timestamptz[]' | 'date' | 'date[]' | 'int',
  ): string {
    this.values.push(value);
    return `$${this.values.length}::${type}`;
  }
}

const EVENT_COLUMNS: { readonly [D in RollupDimension | EventDimension]: string } = {
  project: 'project',
  agent: 'agent',
  user: 'user_id',
  environment: 'environment',
  api_key: 'api_key_id::text',
  workflow: 'workflow',
  task: 'task',
  session: 'session',
  request_id: 'request_id',
  status: 'status',
  door: 'door',
};

const isOneOf = <T extends string>(names: readonly T[], name: string): name is T =>
  (names as readonly string[]).includes(name);

/** The further dimension a query needs, if a rollup has it: `all` when none is needed, null when only events know. */
export function rollupDimension(dimensions: Iterable<Dimension>): RollupDimension | 'all' | null {
  let found: RollupDimension | 'all' = 'all';
  for (const dimension of dimensions) {
    if (dimension === 'tenant' || isOneOf(CORE_DIMENSIONS, dimension)) continue;
    if (!isOneOf(ROLLUP_DIMENSIONS, dimension)) return null;
    if (found !== 'all' && found !== dimension) return null;
    found = dimension;
  }
  return found;
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

/** Each sum's contribution of one event, spelled as the rollups are written. */
const EVENT_SUMS: { readonly [C in SumColumn]: string } = {
  requests: '1::bigint',
  errors: "(status <> 'ok')::int::bigint",
  unpriced_requests: '(total_cost is null)::int::bigint',
  input_tokens: 'input_tokens',
  output_tokens: 'output_tokens',
  cache_read_tokens: 'cache_read_tokens',
  cache_write_tokens: 'cache_write_tokens',
  reasoning_tokens: 'reasoning_tokens',
  input_cost: 'case when total_cost is null then 0 else input_cost end',
  output_cost: 'case when total_cost is null then 0 else output_cost end',
  other_cost: 'case when total_cost is null then 0 else other_cost end',
  total_cost: 'coalesce(total_cost, 0)',
};

export const SUM_COLUMNS: readonly SumColumn[] = [...COUNT_COLUMNS, ...COST_COLUMNS];

/** The sum columns of a table, each under its name. */
export function sumsSql(source: Source): string {
  if (source !== 'usage_events') return SUM_COLUMNS.join(', ');
  return SUM_COLUMNS.map((column) => `${EVENT_SUMS[column]} as ${column}`).join(', ');
}

/** The time column of a table. */
export const TIME_COLUMNS: { readonly [S in Source]: string } = {
  rollups_day: 'bucket',
  rollups_15m: 'bucket',
  usage_events: 'event_time',
};

/** The column a measure ranks by. */
export const MEASURE_COLUMNS: { readonly [M in Measure]: SumColumn } = {
  cost: 'total_cost',
  requests: 'requests',
  errors: 'errors',
  unpriced_requests: 'unpriced_requests',
  input_tokens: 'input_tokens',
  output_tokens: 'output_tokens',
};
