/** `GET /api/cost/models`: what each model costs. */
import { z } from 'zod';
import { breakdownEndpoint } from './breakdown-endpoint.ts';

export const listModelCosts = breakdownEndpoint({
  summary: 'What each model costs.',
  description:
    'This month up to today where no range is given. A model served by two providers is two entries. Entries and `other` are the total.',
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
});
