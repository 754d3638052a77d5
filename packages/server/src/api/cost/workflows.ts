/** `GET /api/cost/workflows`: what each workflow costs. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { tagFilters } from '../query-parameters.ts';
import {
  breakdownAnswer,
  breakdownFrame,
  breakdownQuery,
  dimensionValue,
  entryValue,
  readBreakdown,
  shareFigures,
} from './breakdown.ts';

export const listWorkflowCosts = endpoint({
  access: 'usage:read',
  summary: 'What each workflow costs.',
  description:
    'This month up to today where no range is given. Entries and `other` are the total. One workflow in full: `/api/cost/workflows/:id`.',
  tags: ['costs'],
  etag: true,
  query: z.strictObject(breakdownQuery),
  queryTags: tagFilters,
  answer: breakdownAnswer('workflows', { workflow: dimensionValue }),
  examples: [
    { name: 'this month' },
    { name: 'the three dearest of a week', query: { from: '2026-11-16', to: '2026-11-22', limit: '3' } },
  ],
  async handle({ context, identity, query, queryTags }) {
    const summary = await readBreakdown(context, { identity, query, queryTags }, ['workflow']);
    const workflows = summary.groups.map((group) => ({
      workflow: entryValue(group),
      ...shareFigures(group),
    }));
    return { ...breakdownFrame(summary), workflows };
  },
});
