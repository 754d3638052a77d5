/** `POST /api/admin/agents/:id/budget/reset`: lets this month's spend count from now on. */
import { agentBudget } from '../../cost/agent-budget.ts';
import { endpoint } from '../../endpoint.ts';
import { AGENT_ERRORS, agentPath, agentQuery, changeAgent } from '../agents.ts';

export const resetAgentBudget = endpoint({
  access: 'agents:write',
  summary: 'Sets an agent’s spend of this month back to zero.',
  description:
    'The month’s cost at this moment is remembered and left out of `current_cost` until the month ends; the ledger keeps every event, and no other figure changes. What is recorded later counts, also where it happened before, and so does a correction of an earlier cost. Written to the audit log.',
  tags: ['agents'],
  params: agentPath,
  query: agentQuery,
  answer: agentBudget,
  errors: AGENT_ERRORS,
  examples: [{ name: 'by name', params: { id: 'crawler' } }],
  handle: ({ context, ...asked }) => changeAgent(context, asked, { kind: 'reset' }),
});
