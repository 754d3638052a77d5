/** `GET /api/cost/tasks`: what each task costs. */
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

export const listTaskCosts = endpoint({
  access: 'usage:read',
  summary: 'What each task costs.',
  description:
    'This month up to today where no range is given. Entries and `other` are the total. Answered from single events, over at most 100 days.',
  tags: ['costs'],
  etag: true,
  query: z.strictObject(breakdownQuery),
  queryTags: tagFilters,
  answer: breakdownAnswer('tasks', { task: dimensionValue }),
  examples: [
    { name: 'this month' },
    { name: 'the three dearest of a week', query: { from: '2026-11-16', to: '2026-11-22', limit: '3' } },
  ],
  async handle({ context, identity, query, queryTags }) {
    const summary = await readBreakdown(context, { identity, query, queryTags }, ['task']);
    const tasks = summary.groups.map((group) => ({ task: entryValue(group), ...shareFigures(group) }));
    return { ...breakdownFrame(summary), tasks };
  },
});
