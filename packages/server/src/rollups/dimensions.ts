/**
 * The dimensions that sums are kept by: `all`, one per kind of attribution, and `tag.<key>` for every tag key met. An
 * event stands in a dimension only where it has a value there; how much has none is the difference to `all`.
 *
 * Most questions are not about models. `total` is `all` over every provider, model and operation (`''` in these
 * columns), in quarter hours and days; `total.<dimension>` is the same of another dimension, in days alone.
 */
import type { LedgerFacts } from '../ledger/rated-event.ts';

/** Every event stands here, with the value `''`. */
export const BASE_DIMENSION = 'all';

/** {@link BASE_DIMENSION} over all models. */
export const TOTAL_DIMENSION = 'total';

export interface RollupDimension {
  /** As in the `dimension` column. */
  readonly name: string;
  /** The event's value, null or `''` where it has none. */
  readonly value: (facts: LedgerFacts) => string | null;
  /** The same of a row of `usage_events`, as SQL of type text. */
  readonly sql: string;
  /**
   * Whether its days have totals over all models. Not where values are as many as people or runs: a value that comes
   * once would cost a third row, and who reads thousands of values gains little.
   */
  readonly totals: boolean;
}

/** One further dimension per kind of attribution. A new one is one more row of this table. */
export const ATTRIBUTED_DIMENSIONS: readonly RollupDimension[] = [
  { name: 'project', value: (facts) => facts.project, sql: 'project', totals: true },
  { name: 'environment', value: (facts) => facts.environment, sql: 'environment', totals: true },
  { name: 'agent', value: (facts) => facts.agent, sql: 'agent', totals: true },
  { name: 'api_key', value: (facts) => facts.apiKeyId, sql: 'api_key_id::text', totals: true },
  { name: 'user', value: (facts) => facts.user, sql: 'user_id', totals: false },
  { name: 'workflow', value: (facts) => facts.workflow, sql: 'workflow', totals: false },
];

/** The dimension of a tag key. */
export const tagDimension = (key: string): string => `tag.${key}`;

const WITHOUT_TOTALS = new Set(ATTRIBUTED_DIMENSIONS.filter(({ totals }) => !totals).map(({ name }) => name));

/** The dimension that holds the days of another one over all models; null where there is none. */
export function dayTotalOf(dimension: string): string | null {
  if (dimension === BASE_DIMENSION) return TOTAL_DIMENSION;
  const kept = dimension !== TOTAL_DIMENSION && !WITHOUT_TOTALS.has(dimension);
  return kept ? `${TOTAL_DIMENSION}.${dimension}` : null;
}

/** Dimensions of quarter hours whose days have totals made of them, as an SQL condition on `dimension`. */
export const HAS_DAY_TOTALS_SQL = `dimension <> all(array['${[BASE_DIMENSION, TOTAL_DIMENSION, ...WITHOUT_TOTALS].join("', '")}'])`;
