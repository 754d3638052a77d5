/** Decides which queries rollups answer, and by which of their dimensions. */
import { CORE_DIMENSIONS, SUMMED_DIMENSIONS, type SummedDimension } from '../../ledger/dimensions.ts';
import type { Dimension, TagDimension } from '../cost-query.ts';

/** True for one of some names. */
export const isOneOf = <T extends string>(names: readonly T[], name: string): name is T =>
  (names as readonly string[]).includes(name);

/** A dimension that has its own rollup rows. */
export type FurtherDimension = SummedDimension | TagDimension;

function isFurther(dimension: Dimension): dimension is FurtherDimension {
  return isOneOf(SUMMED_DIMENSIONS, dimension) || dimension.startsWith('tag.');
}

/** What a query needs of rollups: core dimensions only, one further dimension, or more than they hold. */
export type RollupReach =
  | { readonly known: true; readonly further: FurtherDimension | null }
  | { readonly known: false };

export function rollupReach(dimensions: Iterable<Dimension>): RollupReach {
  let further: FurtherDimension | null = null;
  for (const dimension of dimensions) {
    if (dimension === 'tenant' || isOneOf(CORE_DIMENSIONS, dimension)) continue;
    if (!isFurther(dimension) || (further !== null && further !== dimension)) return { known: false };
    further = dimension;
  }
  return { known: true, further };
}
