/** Chooses the rollup rows that answer a query, and which of them are subtracted. */
import { CORE_DIMENSIONS } from '../../../ledger/dimensions.ts';
import { BASE_DIMENSION, dayTotalOf, TOTAL_DIMENSION } from '../../../rollups/day-totals.ts';
import type { CostQuery, Dimension } from '../../cost-query.ts';
import type { Source } from '../cover.ts';
import type { CoveredPlan } from '../pieces.ts';
import type { Parameters } from './columns.ts';

export const keyNames = (groupBy: readonly Dimension[]): string[] =>
  groupBy.map((_, index) => `key_${index}`);

/** Which rows of the rollups are read. */
export interface RollupReading {
  readonly sides: readonly { readonly side: 0 | 1; readonly dimension: string }[];
  /** A condition on `value` that holds for both sides, or null. */
  readonly values: string | null;
  /** Key of the further dimension; rows of `all` have the value "". */
  readonly key: string;
  /** How side 1 is used; null where there is none. */
  readonly rest: {
    /** Rows that count under their own key. */
    readonly kept: string;
    /** The keys of what side 1 is subtracted from: its dimension's is "". */
    readonly keysAsNone: readonly string[];
  } | null;
}

export function readingOf(
  {
    further,
    query,
  }: Pick<CoveredPlan, 'further'> & { readonly query: Pick<CoveredPlan['query'], 'filters' | 'groupBy'> },
  parameters: Parameters,
): RollupReading {
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
    return { sides, values, key: "''::text", rest: { kept: 'side = 0', keysAsNone } };
  }
  const kept =
    names === undefined
      ? 'true'
      : `side = 0 or ${keys[grouped] ?? ''} = any(${parameters.put(names, 'text[]')})`;
  return { sides, values: null, key: 'value', rest: { kept, keysAsNone } };
}

/**
 * The stored dimension that answers `dimension` in a table. A query that does not distinguish provider, model or
 * operation reads the totals over them, which are a fraction of the rows.
 */
export function storedDimension(
  dimension: string,
  source: Exclude<Source, 'usage_events'>,
  { groupBy, filters }: Pick<CostQuery, 'groupBy' | 'filters'>,
): string {
  const ofCore = CORE_DIMENSIONS.some((core) => groupBy.includes(core) || filters[core] !== undefined);
  if (ofCore) return dimension;
  if (source === 'rollups_day') return dayTotalOf(dimension) ?? dimension;
  return dimension === BASE_DIMENSION ? TOTAL_DIMENSION : dimension;
}
