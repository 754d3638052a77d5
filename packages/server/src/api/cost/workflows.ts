/** `GET /api/cost/workflows`: what each workflow costs. */
import { dimensionValue, entryValue } from './breakdown.ts';
import { breakdownEndpoint, USUAL_EXAMPLES } from './breakdown-endpoint.ts';

export const listWorkflowCosts = breakdownEndpoint({
  summary: 'What each workflow costs.',
  description:
    'This month up to today where no range is given. Entries and `other` are the total. One workflow in full: `/api/cost/workflows/:id`.',
  entries: 'workflows',
  entry: { workflow: dimensionValue },
  entryOf: (group) => ({ workflow: entryValue(group) }),
  groupBy: ['workflow'],
  examples: USUAL_EXAMPLES,
});
