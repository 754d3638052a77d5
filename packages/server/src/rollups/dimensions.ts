/** The dimensions that sums are kept by. A new dimension is one more row of this table. */
import type { LedgerFacts } from '../ledger/rated-event.ts';

export interface RollupDimension {
  /** As in the `dimension` column. */
  readonly name: string;
  /**
   * The event's value in this dimension. `''` stands for "has none": every event is in every dimension once, so
   * each dimension sums to the same total as `all`. No caller's name is empty, so the two cannot be confused.
   */
  readonly value: (facts: LedgerFacts) => string;
}

export const ROLLUP_DIMENSIONS: readonly RollupDimension[] = [
  { name: 'all', value: () => '' },
  { name: 'agent', value: (facts) => facts.agent ?? '' },
  { name: 'project', value: (facts) => facts.project ?? '' },
  { name: 'user', value: (facts) => facts.user ?? '' },
];
