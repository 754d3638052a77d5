/** `GET /api/cost/models`: what each model costs. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { tagFilters } from '../query-parameters.ts';
import { breakdownAnswer, breakdownFrame, breakdownQuery, readBreakdown, shareFigures } from './breakdown.ts';

export const listModelCosts = endpoint({
  access: 'usage:read',
  summary: 'What each model costs.',
  description:
    'This month up to today where no range is given. A model served by two providers is two entries. Entries and `other` are the total.',
  tags: ['costs'],
  etag: true,
  query: z.strictObject(breakdownQuery),
  queryTags: tagFilters,
  answer: breakdownAnswer('models', { provider: z.string(), model: z.string() }),
  examples: [
    { name: 'this month' },
    {
      name: 'what one agent used in a week',
      query: { agent: 'crawler', from: '2026-11-16', to: '2026-11-22' },
    },
  ],
  async handle({ context, identity, query, queryTags }) {
    const summary = await readBreakdown(context, { identity, query, queryTags }, ['provider', 'model']);
    const models = summary.groups.map((group) => ({
      provider: group.values[0] ?? '',
      model: group.values[1] ?? '',
      ...shareFigures(group),
    }));
    return { ...breakdownFrame(summary), models };
  },
});
