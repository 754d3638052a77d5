/**
 * The table of dimensions that events are grouped and filtered by. A new one is one row here and, if its column is
 * new, a migration; if sums are kept by it, `farthing rebuild-rollups` fills them for stored events (CONTRIBUTING.md,
 * "Add a dimension"). Facts, rollups and their comparison, the questions of `costs/`, the filters of the API and of the
 * event list are derived from these rows.
 */
import type { UsageEvent } from './usage-event.ts';

interface DimensionRow {
  /** The name that callers group and filter by. */
  readonly name: string;
  /** Its column in `usage_events`. */
  readonly column: string;
  /** May the event list be filtered by it? */
  readonly listed: boolean;
  readonly about: string;
}

/** Every row of the rollups carries it: free to group and filter by, alone or together. */
interface CoreRow extends DimensionRow {
  readonly kept: 'core';
}

/** Sums are kept by it: one of these at a time is answered from rollups. */
interface SummedRow extends DimensionRow {
  readonly kept: 'sums';
  /** The value of an event; null or `''` where it has none. */
  readonly of: (event: UsageEvent) => string | null;
  /** The column is no text. */
  readonly cast?: '::text';
  /**
   * Whether its days have totals over all models. Not for dimensions with as many values as there are people or runs: a
   * value that occurs once would cost a third row, and a reader of thousands of values gains little.
   */
  readonly totals: boolean;
}

/** Only single events know it. */
interface EventRow extends DimensionRow {
  readonly kept: 'events';
}

export const DIMENSIONS = [
  { name: 'provider', column: 'provider', kept: 'core', listed: true, about: 'who answered' },
  { name: 'model', column: 'model', kept: 'core', listed: true, about: 'the served model where known' },
  { name: 'operation', column: 'operation', kept: 'core', listed: true, about: 'the kind of call' },
  {
    name: 'project',
    column: 'project',
    kept: 'sums',
    of: ({ attribution }) => attribution.project,
    totals: true,
    listed: true,
    about: 'a subdivision of the tenant',
  },
  {
    name: 'environment',
    column: 'environment',
    kept: 'sums',
    of: ({ attribution }) => attribution.environment,
    totals: true,
    listed: true,
    about: 'production, staging, …',
  },
  {
    name: 'agent',
    column: 'agent',
    kept: 'sums',
    of: ({ attribution }) => attribution.agent,
    totals: true,
    listed: true,
    about: "the caller's stable name of the agent",
  },
  {
    name: 'api_key',
    column: 'api_key_id',
    kept: 'sums',
    of: ({ attribution }) => attribution.apiKeyId,
    cast: '::text',
    totals: true,
    listed: false,
    about: 'the id of the key that recorded the call',
  },
  {
    name: 'user',
    column: 'user_id',
    kept: 'sums',
    of: ({ attribution }) => attribution.user,
    totals: false,
    listed: true,
    about: 'the person who made the call',
  },
  {
    name: 'workflow',
    column: 'workflow',
    kept: 'sums',
    of: ({ attribution }) => attribution.workflow,
    totals: false,
    listed: true,
    about: 'one run of several calls',
  },
  { name: 'task', column: 'task', kept: 'events', listed: true, about: 'a step of a workflow' },
  { name: 'session', column: 'session', kept: 'events', listed: true, about: 'calls that belong together' },
  {
    name: 'request_id',
    column: 'request_id',
    kept: 'events',
    listed: true,
    about: 'the request that the call served',
  },
  { name: 'status', column: 'status', kept: 'events', listed: true, about: 'ok, error or aborted' },
  { name: 'door', column: 'door', kept: 'events', listed: true, about: 'where the event came in' },
] as const satisfies readonly (CoreRow | SummedRow | EventRow)[];

/** The table, typed. Other rooms derive their names from it. */
export type DimensionOf = (typeof DIMENSIONS)[number];
type Kept<K extends DimensionOf['kept']> = Extract<DimensionOf, { readonly kept: K }>;

export type CoreDimension = Kept<'core'>['name'];
export type SummedDimension = Kept<'sums'>['name'];
export type EventDimension = Kept<'events'>['name'];
export type ListedDimension = Extract<DimensionOf, { readonly listed: true }>['name'];

/** The dimensions that sums are kept by, beside every tag. */
export const SUMMED: readonly Kept<'sums'>[] = DIMENSIONS.filter((row) => row.kept === 'sums');

export const CORE_DIMENSIONS: readonly CoreDimension[] = DIMENSIONS.filter((row) => row.kept === 'core').map(
  ({ name }) => name,
);
export const SUMMED_DIMENSIONS: readonly SummedDimension[] = SUMMED.map(({ name }) => name);
export const EVENT_DIMENSIONS: readonly EventDimension[] = DIMENSIONS.filter(
  (row) => row.kept === 'events',
).map(({ name }) => name);
export const LISTED: readonly Extract<DimensionOf, { readonly listed: true }>[] = DIMENSIONS.filter(
  (row) => row.listed,
);

/** The values of an event by {@link SUMMED}; null or `''` where it has none. */
export type SummedValues = readonly (string | null)[];

const VALUE_READERS = SUMMED.map(({ of }) => of);

export function valuesOf(event: UsageEvent): SummedValues {
  return VALUE_READERS.map((of) => of(event));
}

const PLACES = new Map<SummedDimension, number>(SUMMED.map(({ name }, at) => [name, at]));

/** One value of an event. */
export function valueIn(values: SummedValues, dimension: SummedDimension): string | null {
  return values[PLACES.get(dimension) ?? -1] ?? null;
}

/** The values with one of them taken out. */
export function withoutValue(values: SummedValues, dimension: SummedDimension): SummedValues {
  return values.with(PLACES.get(dimension) ?? 0, null);
}

/** A summed dimension of a row of `usage_events`, as SQL of type text; null where it has no value. */
export const summedValueSql = (row: Kept<'sums'>): string => `${row.column}${'cast' in row ? row.cast : ''}`;
