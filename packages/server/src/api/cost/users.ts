/** `GET /api/cost/users`: what each user costs. */
import { dimensionValue, entryValue } from './breakdown.ts';
import { breakdownEndpoint, USUAL_EXAMPLES } from './breakdown-endpoint.ts';

export const listUserCosts = breakdownEndpoint({
  summary: 'What each user costs.',
  description:
    'This month up to today where no range is given. Entries and `other` are the total. The null user holds the calls without one.',
  entries: 'users',
  entry: { user: dimensionValue },
  entryOf: (group) => ({ user: entryValue(group) }),
  groupBy: ['user'],
  examples: USUAL_EXAMPLES,
});
