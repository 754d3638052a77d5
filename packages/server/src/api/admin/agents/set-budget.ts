/** `POST /api/admin/agents/:id/budget`: what an agent may spend in a month. */
import { z } from 'zod';
import { readAgentLimit } from '../../../budgets/agent.ts';
import { agentBudget } from '../../cost/agent-budget.ts';
import { endpoint } from '../../endpoint.ts';
import { AGENT_ERRORS, agentPath, agentQuery, changeAgent } from '../agents.ts';

export const setAgentBudget = endpoint({
  access: 'agents:write',
  summary: 'Sets what an agent may spend in a month.',
  description:
    'From 0 to 1,000,000,000 USD, a number or decimal text with at most twelve decimals; null goes back to the limit of the deployment. Written to the audit log. A limit is shown and alerted on; calls are not refused because of it yet.',
  tags: ['agents'],
  params: agentPath,
  query: agentQuery,
  body: z.strictObject({
    max_monthly_cost_usd: z
      .union([z.number(), z.string().max(64)])
      .nullable()
      .meta({ description: 'USD per calendar month of the tenant’s zone.' }),
  }),
  answer: agentBudget,
  errors: AGENT_ERRORS,
  examples: [
    { name: 'a hundred dollars', params: { id: 'crawler' }, body: { max_monthly_cost_usd: 100 } },
    { name: 'the usual limit', params: { id: 'crawler' }, body: { max_monthly_cost_usd: null } },
  ],
  handle({ context, body: { max_monthly_cost_usd: given }, ...asked }) {
    const limitPicos = given === null ? null : readAgentLimit(given);
    return changeAgent(context, asked, { kind: 'limit', limitPicos });
  },
});
