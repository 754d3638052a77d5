/** `GET /api/cost/agents`: every agent with its spend and monthly limit. */
import { agentBudgetsAnswer } from '@farthing/contract';
import { z } from 'zod';
import { agentPageInput, listAgentSpend } from '../../agent-spend/agent-list.ts';
import { withScope } from '../../costs/with-scope.ts';
import { readableTenant } from '../../http/callers/access.ts';
import { tenantInput } from '../../parameters/tenant.ts';
import { endpoint } from '../endpoint.ts';
import { integerParameter } from '../query-parameters.ts';
import { agentBudgetOf } from './agent-budget.ts';

export const listAgentBudgets = endpoint({
  access: 'usage:read',
  summary: 'Every agent beside what it may spend this month.',
  description:
    'Ordered by tenant and name. An agent is there from its first call on; its limit is the deployment’s (`AGENT_MAX_MONTHLY_COST_USD`) until it is given one of its own. A limit is not enforced yet: it is shown, and alerted on.',
  tags: ['agents'],
  etag: true,
  query: z.strictObject({
    tenant: tenantInput.optional(),
    cursor: agentPageInput.shape.cursor.meta({ description: '`next_cursor` of the page before.' }),
    limit: integerParameter(1, 1000).default(1000).meta({ description: 'Agents of one page.' }),
  }),
  answer: agentBudgetsAnswer,
  errors: ['unknown_tenant'],
  examples: [{ name: 'all' }, { name: 'a page of two', query: { limit: '2' } }],
  async handle({ context, identity, query: { tenant: asked, ...page } }) {
    const { db, now, config } = context;
    const { defaultLimitPicos } = config.agents;
    const { agents, nextCursor: next_cursor } = await withScope(
      db,
      readableTenant(identity, asked),
      (scope) => listAgentSpend(scope, page, { now: now(), defaultLimitPicos }),
    );
    return { agents: agents.map(agentBudgetOf), next_cursor };
  },
});
