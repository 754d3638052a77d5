/** `GET /api/cost/operations`: what each kind of call costs. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { tagFilters } from '../query-parameters.ts';
import { breakdownAnswer, breakdownFrame, breakdownQuery, readBreakdown, shareFigures } from './breakdown.ts';

export const listOperationCosts = endpoint({
  access: 'usage:read',
  summary: 'What each kind of call costs: chat, embedding, …',
  description: 'This month up to today where no range is given. Entries and `other` are the total.',
  tags: ['costs'],
  etag: true,
  query: z.strictObject(breakdownQuery),
  queryTags: tagFilters,
  answer: breakdownAnswer('operations', { operation: z.string() }),
  examples: [{ name: 'this month' }, { name: 'of one provider', query: { provider: 'openai' } }],
  async handle({ context, identity, query, queryTags }) {
    const summary = await readBreakdown(context, { identity, query, queryTags }, ['operation']);
    const operations = summary.groups.map((group) => ({
      operation: group.values[0] ?? '',
      ...shareFigures(group),
    }));
    return { ...breakdownFrame(summary), operations };
  },
});
