/** `GET /api/cost/tenants`: what each tenant costs; a tenant's key sees its own. */
import { z } from 'zod';
import { breakdownEndpoint } from './breakdown-endpoint.ts';

export const listTenantCosts = breakdownEndpoint({
  summary: 'What each tenant costs; a key of one tenant sees that one.',
  description:
    'This month up to today where no range is given. Tenants without a call in the range are left out. Entries and `other` are the total.',
  entries: 'tenants',
  entry: { tenant: z.string() },
  entryOf: ({ values: [tenant = ''] }) => ({ tenant }),
  groupBy: ['tenant'],
  examples: [{ name: 'this month' }, { name: 'one model, everywhere', query: { model: 'gpt-5.2' } }],
});
