/**
 * The one query shape behind every chart, table, report and export.
 *
 * A `CostQuery` says which events (tenants, half-open interval, filters), how they are cut (time bucket in a
 * zone, dimensions) and what is measured. `run-cost-query.ts` answers it from a store. Callers need not know which
 * tables the store reads: the numbers are the same.
 */
import { z } from 'zod';
import type { Bucket, BucketSpan } from '../clock/buckets.ts';
import type { Comparison } from '../clock/comparison.ts';
import {
  CORE_DIMENSIONS,
  type CoreDimension,
  DIMENSIONS,
  EVENT_DIMENSIONS,
  type EventDimension,
  SUMMED_DIMENSIONS,
  type SummedDimension,
} from '../ledger/dimensions.ts';
import { filterValueInput } from '../ledger/event-filter.ts';
import type { Measure, StandardMeasure } from './measures.ts';
import type { Sums } from './sums.ts';

/** A tag's value, `tag.team`; an event without the tag has the value "", like an event without an agent. */
export type TagDimension = `tag.${string}`;
/**
 * Core dimensions can always be grouped and filtered by, alone or together. Rollups answer one summed dimension or one
 * tag at a time. Two at once, and dimensions that only events have, are read from events, within {@link
 * MAX_EVENT_SCAN_DAYS}.
 */
export type Dimension = 'tenant' | CoreDimension | SummedDimension | EventDimension | TagDimension;

/** Most days a query may cover that only events can answer. */
export const MAX_EVENT_SCAN_DAYS = 100;
/** Most groups named in one answer; the rest is summed as `other`. */
export const MAX_GROUPS = 1_000;
/** Most dimensions one query groups by. */
export const MAX_GROUP_BY = 4;
/** Most values in one filter. */
export const MAX_FILTER_VALUES = 100;

/** Values per dimension, joined by "or"; dimensions are joined by "and". "" matches events without a value. */
export type CostFilters = { readonly [D in Dimension]?: readonly string[] };

export interface CostQuery<M extends Measure = StandardMeasure> {
  /** Half-open interval, Unix milliseconds, answered exactly. */
  readonly from: number;
  readonly to: number;
  /** IANA zone in which days, weeks and months are cut. */
  readonly timezone: string;
  readonly bucket: Bucket | null;
  readonly groupBy: readonly Dimension[];
  readonly filters: CostFilters;
  /** What is computed; absent: everything but the latency. Asking for less is faster. */
  readonly measures?: readonly M[];
  /** Ranks the groups, highest first; groups without a value (a rate with divisor 0) come last. */
  readonly rankBy: Measure;
  readonly compare: Comparison;
  /** Number of groups returned by name; the rest is summed as `other`. */
  readonly limit: number;
}

/** Sums of one thing: over the whole period, per bucket (empty without buckets), and over the compared period. */
export interface CostCell<S = Sums> {
  readonly sums: S;
  readonly series: readonly S[];
  /** Null where nothing was compared. */
  readonly previous: S | null;
  /** Buckets that match those of `series`; inner edges are the shifted edges of the period, at full quarter hours. */
  readonly previousSeries: readonly S[];
}

/** One group: its values in the order of `groupBy`; "" where the events carry none. */
export interface CostGroup<S = Sums> extends CostCell<S> {
  readonly values: readonly string[];
}

/** The answer. Σ groups + other = total, exactly, per bucket too. */
export interface CostAnswer<S = Sums> {
  readonly from: number;
  readonly to: number;
  readonly timezone: string;
  readonly buckets: readonly BucketSpan[];
  readonly total: CostCell<S>;
  readonly groups: readonly CostGroup<S>[];
  /** The sum of what is not named; null when every group is. */
  readonly other: CostCell<S> | null;
  /** How many groups there are, named or not. */
  readonly groupCount: number;
  readonly previous: { readonly from: number; readonly to: number } | null;
  /** Names of the tables the store read; the store chooses the names. */
  readonly sources: readonly string[];
}

const plainDimensions: ReadonlySet<string> = new Set(['tenant', ...DIMENSIONS.map(({ name }) => name)]);
const TAG_KEY = /^tag\.\P{Cc}{1,256}$/u;

/** True for a name that may be grouped or filtered by: the allow-list in front of every identifier in SQL. */
export function isDimension(name: string): name is Dimension {
  return plainDimensions.has(name) || TAG_KEY.test(name);
}

/** A dimension's name, checked. */
export const dimensionInput = z.custom<Dimension>(
  (value) => typeof value === 'string' && isDimension(value),
  `is not a dimension: use ${[...CORE_DIMENSIONS, 'tenant', ...SUMMED_DIMENSIONS, ...EVENT_DIMENSIONS].join(', ')} or tag.<key>`,
);

/** Filters as the dashboard sends them: `{model: ["gpt-5.2"], "tag.team": ["search"]}`. */
export const filtersInput = z
  .record(z.string(), z.array(filterValueInput).min(1).max(MAX_FILTER_VALUES))
  .refine((filters) => Object.keys(filters).length <= 10, 'filters by at most 10 dimensions')
  .superRefine((filters, context) => {
    for (const key of Object.keys(filters)) {
      if (!isDimension(key))
        context.addIssue({ code: 'custom', path: [key], message: 'is not a dimension to filter by' });
    }
  })
  .transform((filters) => filters as CostFilters);
