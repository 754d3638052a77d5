/** `GET /api/cost/tasks`: what each task costs. */
import { dimensionValue, entryValue } from './breakdown.ts';
import { breakdownEndpoint, USUAL_EXAMPLES } from './breakdown-endpoint.ts';

export const listTaskCosts = breakdownEndpoint({
  summary: 'What each task costs.',
  description:
    'This month up to today where no range is given, as far as single events are kept. Entries and `other` are the total. Answered from single events, over at most 100 days.',
  entries: 'tasks',
  entry: { task: dimensionValue },
  entryOf: (group) => ({ task: entryValue(group) }),
  groupBy: ['task'],
  examples: USUAL_EXAMPLES,
});
