/**
 * The names that rows of the rollups have in their column `dimension`, and which of them have totals of whole days.
 * Nothing is chosen here: which dimensions exist, and which have totals, is said in `ledger/dimensions.ts`.
 *
 * Sums are kept by `all`, by the dimensions of that table, and by `tag.<key>` for every tag key met. An event counts in
 * a dimension only if it has a value there; the sum without a value is the difference to `all`.
 *
 * Most questions are not about models. `total` is `all` over every provider, model and operation (`''` in these
 * columns), in quarter hours and days; `total.<dimension>` is the same of another dimension, in days alone.
 */
import { SUMMED } from '../ledger/dimensions.ts';

/** Every event counts here, with the value `''`. */
export const BASE_DIMENSION = 'all';

/** {@link BASE_DIMENSION} over all models. */
export const TOTAL_DIMENSION = 'total';

/** The dimension of a tag key. */
export const tagDimension = (key: string): string => `tag.${key}`;

const WITHOUT_TOTALS = new Set<string>(SUMMED.filter(({ totals }) => !totals).map(({ name }) => name));

/** The dimension that holds the days of another one over all models; null where there is none. */
export function dayTotalOf(dimension: string): string | null {
  if (dimension === BASE_DIMENSION) return TOTAL_DIMENSION;
  const kept = dimension !== TOTAL_DIMENSION && !WITHOUT_TOTALS.has(dimension);
  return kept ? `${TOTAL_DIMENSION}.${dimension}` : null;
}

/** Dimensions of quarter hours whose days have totals made of them, as an SQL condition on `dimension`. */
export const HAS_DAY_TOTALS_SQL = `dimension <> all(array['${[BASE_DIMENSION, TOTAL_DIMENSION, ...WITHOUT_TOTALS].join("', '")}'])`;
