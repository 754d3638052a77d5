/** `GET /api/cost/{models,operations,tenants,projects,users,workflows,tasks}`: what each value of a dimension costs. */
import { breakdownAnswer, dimensionValue } from '@farthing/contract';
import { z } from 'zod';
import type { Dimension } from '../../costs/cost-query.ts';
import type { SummaryGroup } from '../../overview/summary.ts';
import { type Endpoint, type Example, endpoint, type Routes } from '../endpoint.ts';
import { tagFilters } from '../query-parameters.ts';
import { breakdownFrame, breakdownQuery, entryValue, readBreakdown, shareFigures } from './breakdown.ts';

const query = z.strictObject(breakdownQuery);

/** The parts in which the lists differ. */
interface Breakdown<Entry extends z.ZodRawShape> {
  readonly summary: string;
  readonly description: string;
  /** The name of the list in the answer: `projects`. */
  readonly entries: string;
  /** Fields of an entry besides its figures. */
  readonly entry: Entry;
  /** Reads `entry` from the values of a group, in the order of `groupBy`. */
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
function breakdownEndpoint<const Entry extends z.ZodRawShape>(list: Breakdown<Entry>): Endpoint {
  const { entries, entry, entryOf, groupBy, ...described } = list;
  // The name of the list is known only at run time, so `entryOf` checks its entries.
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
const USUAL_EXAMPLES = [
  { name: 'this month' },
  { name: 'the three dearest of a week', query: { from: '2026-11-16', to: '2026-11-22', limit: '3' } },
] as const;

const SINCE = 'This month up to today where no range is given.';
const WHOLE = 'Entries and `other` are the total.';

/** A list of one dimension that calls may have no value of. */
const byOne = <const D extends 'project' | 'user' | 'workflow' | 'task'>(dimension: D) => ({
  entry: { [dimension]: dimensionValue } as { readonly [N in D]: typeof dimensionValue },
  entryOf: (group: SummaryGroup) => ({ [dimension]: entryValue(group) }) as { [N in D]: string | null },
  groupBy: [dimension],
  examples: USUAL_EXAMPLES,
});

/** The lists by dimension; another one is one more row. Tags, which name their key, are in `tags.ts`. */
export const breakdownRoutes = {
  'GET /api/cost/models': breakdownEndpoint({
    summary: 'What each model costs.',
    description: `${SINCE} A model served by two providers is two entries. ${WHOLE}`,
    entries: 'models',
    entry: { provider: z.string(), model: z.string() },
    entryOf: ({ values: [provider = '', model = ''] }) => ({ provider, model }),
    groupBy: ['provider', 'model'],
    examples: [
      { name: 'this month' },
      {
        name: 'what one agent used in a week',
        query: { agent: 'crawler', from: '2026-11-16', to: '2026-11-22' },
      },
    ],
  }),
  'GET /api/cost/operations': breakdownEndpoint({
    summary: 'What each kind of call costs: chat, embedding, …',
    description: `${SINCE} ${WHOLE}`,
    entries: 'operations',
    entry: { operation: z.string() },
    entryOf: ({ values: [operation = ''] }) => ({ operation }),
    groupBy: ['operation'],
    examples: [{ name: 'this month' }, { name: 'of one provider', query: { provider: 'openai' } }],
  }),
  'GET /api/cost/tenants': breakdownEndpoint({
    summary: 'What each tenant costs; a key of one tenant sees that one.',
    description: `${SINCE} Tenants without a call in the range are left out. ${WHOLE}`,
    entries: 'tenants',
    entry: { tenant: z.string() },
    entryOf: ({ values: [tenant = ''] }) => ({ tenant }),
    groupBy: ['tenant'],
    examples: [{ name: 'this month' }, { name: 'one model, everywhere', query: { model: 'gpt-5.2' } }],
  }),
  'GET /api/cost/projects': breakdownEndpoint({
    summary: 'What each project costs.',
    description: `${SINCE} ${WHOLE} The null project holds the calls without one.`,
    entries: 'projects',
    ...byOne('project'),
  }),
  'GET /api/cost/users': breakdownEndpoint({
    summary: 'What each user costs.',
    description: `${SINCE} ${WHOLE} The null user holds the calls without one.`,
    entries: 'users',
    ...byOne('user'),
  }),
  'GET /api/cost/workflows': breakdownEndpoint({
    summary: 'What each workflow costs.',
    description: `${SINCE} ${WHOLE} One workflow in full: \`/api/cost/workflows/:id\`.`,
    entries: 'workflows',
    ...byOne('workflow'),
  }),
  'GET /api/cost/tasks': breakdownEndpoint({
    summary: 'What each task costs.',
    description:
      'This month up to today where no range is given, as far as single events are kept. Entries and `other` are the total. Answered from single events, over at most 100 days.',
    entries: 'tasks',
    ...byOne('task'),
  }),
} satisfies Routes;
