/** `GET /api/cost/projects`: what each project costs. */
import { dimensionValue, entryValue } from './breakdown.ts';
import { breakdownEndpoint, USUAL_EXAMPLES } from './breakdown-endpoint.ts';

export const listProjectCosts = breakdownEndpoint({
  summary: 'What each project costs.',
  description:
    'This month up to today where no range is given. Entries and `other` are the total. The null project holds the calls without one.',
  entries: 'projects',
  entry: { project: dimensionValue },
  entryOf: (group) => ({ project: entryValue(group) }),
  groupBy: ['project'],
  examples: USUAL_EXAMPLES,
});
