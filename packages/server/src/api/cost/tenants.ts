/** `GET /api/cost/tenants`: what each tenant costs; a tenant's key sees its own. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { tagFilters } from '../query-parameters.ts';
import { breakdownAnswer, breakdownFrame, breakdownQuery, readBreakdown, shareFigures } from './breakdown.ts';

export const listTenantCosts = endpoint({
  access: 'usage:read',
  summary: 'What each tenant costs; a key of one tenant sees that one.',
  description:
    'This month up to today where no range is given. Tenants without a call in the range are left out. Entries and `other` are the total.',
  tags: ['costs'],
  etag: true,
  query: z.strictObject(breakdownQuery),
  queryTags: tagFilters,
  answer: breakdownAnswer('tenants', { tenant: z.string() }),
  examples: [{ name: 'this month' }, { name: 'one model, everywhere', query: { model: 'gpt-5.2' } }],
  async handle({ context, identity, query, queryTags }) {
    const summary = await readBreakdown(context, { identity, query, queryTags }, ['tenant']);
    const tenants = summary.groups.map((group) => ({
      tenant: group.values[0] ?? '',
      ...shareFigures(group),
    }));
    return { ...breakdownFrame(summary), tenants };
  },
});
