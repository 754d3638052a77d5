/**
 * Column names of dimensions and sums in each table. Every identifier in the compiled SQL comes from here or from
 * `weight.ts`.
 */

import {
  CORE_DIMENSIONS,
  DIMENSIONS,
  EVENT_DIMENSIONS,
  type EventDimension,
  SUMMED,
  SUMMED_DIMENSIONS,
  type SummedDimension,
  summedValueSql,
} from '../../../ledger/dimensions.ts';
import { keptSumSql } from '../../../ledger/kept-as-null.ts';
import { BIN_COLUMNS, latencyUsSql } from '../../../ledger/latency.ts';
import { addedSql } from '../../../ledger/measures-sql.ts';
import { type Dimension, isDimension } from '../../cost-query.ts';
import type { SumField } from '../../sums.ts';
import type { Source } from '../cover.ts';
import { isOneOf } from '../reach.ts';
import { measuredBy } from '../sum-rows.ts';

/** Collects the values of a statement and returns the placeholder of each. */
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

/** How `usage_events` spells the dimensions that rollups do not carry in every row. */
const EVENT_VALUES = new Map<SummedDimension | EventDimension, string>([
  ...SUMMED.map((row): [SummedDimension, string] => [row.name, summedValueSql(row)]),
  ...DIMENSIONS.filter((row) => row.kept === 'events').map(({ name, column }): [EventDimension, string] => [
    name,
    column,
  ]),
]);

/** The last guard before a name becomes SQL; the edge has refused it long before. */
export function allowed(dimension: string): Dimension {
  if (!isDimension(dimension)) throw new TypeError(`"${dimension}" is not a dimension`);
  return dimension;
}

/** The SQL of a dimension in a table; never null, "" means no value. */
export function dimensionSql(dimension: Dimension, source: Source, parameters: Parameters): string {
  if (dimension === 'tenant') return 'tenant_id';
  if (isOneOf(CORE_DIMENSIONS, dimension)) return dimension;
  if (source !== 'usage_events') return 'value';
  return `coalesce(${eventColumn(dimension, parameters)}, '')`;
}

/**
 * The SQL condition for rows with one of the values. It compares the bare column if possible, so that an index can be
 * used.
 */
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
  if (isOneOf(SUMMED_DIMENSIONS, dimension) || isOneOf(EVENT_DIMENSIONS, dimension))
    return EVENT_VALUES.get(dimension);
  return `tags ->> ${parameters.put(dimension.slice('tag.'.length), 'text')}`;
}

/** The columns of a statement that sums these fields. */
export function columnsOf(fields: readonly SumField[]): readonly string[] {
  return fields.flatMap((field) => measuredBy(field)?.column ?? BIN_COLUMNS);
}

/** The columns of a table of rollups, each under its name. */
export function rollupSumsSql(fields: readonly SumField[]): string {
  return columnsOf(fields)
    .map((column) => `${keptSumSql(column)} as ${column}`)
    .join(', ');
}

/** The columns as the statement answers them: text, the bins as one array. */
export function answeredSql(fields: readonly SumField[]): string {
  return fields
    .map((field) => {
      const column = measuredBy(field)?.column;
      return column === undefined
        ? `array[${BIN_COLUMNS.map((bin) => `coalesce(sum(${bin}), 0)::bigint`).join(', ')}] as latency_bins`
        : `sum(${column})::text as ${column}`;
    })
    .join(', ');
}

/** The sum columns of events, each under its name; `bin` is what {@link EVENT_BIN} makes. */
export function eventSumsSql(fields: readonly SumField[]): string {
  return fields
    .flatMap((field) => {
      const row = measuredBy(field);
      return row === null
        ? BIN_COLUMNS.map((name, bin) => `case when bin = ${bin} then 1::bigint end as ${name}`)
        : [`${addedSql(row)} as ${row.column}`];
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
