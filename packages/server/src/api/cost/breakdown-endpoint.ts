/** A list by dimension as an endpoint: whoever makes one says only what its entries are. */
import { z } from 'zod';
import type { Dimension } from '../../costs/cost-query.ts';
import type { SummaryGroup } from '../../overview/summary.ts';
import { type Endpoint, type Example, endpoint } from '../endpoint.ts';
import { tagFilters } from '../query-parameters.ts';
import { breakdownAnswer, breakdownFrame, breakdownQuery, readBreakdown, shareFigures } from './breakdown.ts';

const query = z.strictObject(breakdownQuery);

/** What one list has of its own. */
export interface Breakdown<Entry extends z.ZodRawShape> {
  readonly summary: string;
  readonly description: string;
  /** The name of the list in the answer: `projects`. */
  readonly entries: string;
  /** What an entry has besides its figures. */
  readonly entry: Entry;
  /** Reads `entry` from the values of a group, which stand in the order of `groupBy`. */
  readonly entryOf: (group: SummaryGroup) => z.output<z.ZodObject<Entry>>;
  readonly groupBy: readonly Dimension[];
  readonly examples: readonly Example<never, z.input<typeof query>, z.input<typeof tagFilters>, never>[];
}

/**
 * Makes the endpoint of a list by dimension.
 *
 * @example
 * breakdownEndpoint({
 *   summary: 'What each project costs.', description: '…', entries: 'projects',
 *   entry: { project: dimensionValue }, entryOf: (group) => ({ project: entryValue(group) }),
 *   groupBy: ['project'], examples: [{ name: 'this month' }],
 * });
 */
export function breakdownEndpoint<const Entry extends z.ZodRawShape>(list: Breakdown<Entry>): Endpoint {
  const { entries, entry, entryOf, groupBy, ...described } = list;
  // The name of the list is a value here: what it holds is checked by `entryOf`.
  const answer: z.ZodType<object> = breakdownAnswer(entries, entry);
  return endpoint({
    ...described,
    access: 'usage:read',
    tags: ['costs'],
    etag: true,
    query,
    queryTags: tagFilters,
    answer,
    async handle({ context, ...asked }) {
      const summary = await readBreakdown(context, asked, groupBy);
      const found = summary.groups.map((group) => ({ ...entryOf(group), ...shareFigures(group) }));
      return { ...breakdownFrame(summary), [entries]: found };
    },
  });
}

/** This month, and the dearest of a week: how most lists are asked. */
export const USUAL_EXAMPLES = [
  { name: 'this month' },
  { name: 'the three dearest of a week', query: { from: '2026-11-16', to: '2026-11-22', limit: '3' } },
] as const;
