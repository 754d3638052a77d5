/** `GET /api/cost/users`: what each user costs. */
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

export const listUserCosts = endpoint({
  access: 'usage:read',
  summary: 'What each user costs.',
  description:
    'This month up to today where no range is given. Entries and `other` are the total. The null user holds the calls without one.',
  tags: ['costs'],
  etag: true,
  query: z.strictObject(breakdownQuery),
  queryTags: tagFilters,
  answer: breakdownAnswer('users', { user: dimensionValue }),
  examples: [
    { name: 'this month' },
    { name: 'the three dearest of a week', query: { from: '2026-11-16', to: '2026-11-22', limit: '3' } },
  ],
  async handle({ context, identity, query, queryTags }) {
    const summary = await readBreakdown(context, { identity, query, queryTags }, ['user']);
    const users = summary.groups.map((group) => ({ user: entryValue(group), ...shareFigures(group) }));
    return { ...breakdownFrame(summary), users };
  },
});
