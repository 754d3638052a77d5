/** `GET /api/cost/operations`: what each kind of call costs. */
import { z } from 'zod';
import { breakdownEndpoint } from './breakdown-endpoint.ts';

export const listOperationCosts = breakdownEndpoint({
  summary: 'What each kind of call costs: chat, embedding, …',
  description: 'This month up to today where no range is given. Entries and `other` are the total.',
  entries: 'operations',
  entry: { operation: z.string() },
  entryOf: ({ values: [operation = ''] }) => ({ operation }),
  groupBy: ['operation'],
  examples: [{ name: 'this month' }, { name: 'of one provider', query: { provider: 'openai' } }],
});
