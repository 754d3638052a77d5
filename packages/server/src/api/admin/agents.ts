/** `/api/admin/agents/:id`: what an agent may spend, and whether it may go on. */
import { agentBudgetAnswer } from '@farthing/contract';
import { z } from 'zod';
import { readAgentSpend } from '../../agent-spend/agent-spend.ts';
import { pauseReasonInput, readAgentLimit } from '../../budgets/agent.ts';
import type { AgentChange } from '../../budgets/agent-registry.ts';
import type { AppContext } from '../../context.ts';
import { withScope } from '../../costs/with-scope.ts';
import { readableTenant, requireOwnAgent } from '../../http/callers/access.ts';
import { filterValueInput } from '../../ledger/event-filter.ts';
import { tenantInput } from '../../parameters/tenant.ts';
import { actorOf, type Identity } from '../../tenants/identity.ts';
import { agentBudgetOf } from '../cost/agent-budget.ts';
import { endpoint } from '../endpoint.ts';

/** The agent's id, or its name. */
const agentPath = z.strictObject({
  id: filterValueInput.min(1).meta({ description: 'Id or name of the agent.' }),
});

/** Administrators must name the tenant if several have an agent of this name. */
const agentQuery = z.strictObject({ tenant: tenantInput.optional() });

/** Errors such a change may answer with. */
const AGENT_ERRORS = ['not_found', 'conflict'] as const;

interface AskedChange {
  readonly identity: Identity;
  readonly params: z.output<typeof agentPath>;
  readonly query: z.output<typeof agentQuery>;
}

/** Makes a change and returns the agent's new budget. */
async function changeAgent(context: AppContext, asked: AskedChange, change: AgentChange) {
  const { db, agents, config, now } = context;
  const { identity, params, query } = asked;
  const tenant = readableTenant(identity, query.tenant);
  requireOwnAgent(identity, params.id);
  const agent = await agents.change({ tenant, idOrName: params.id, actor: actorOf(identity) }, change);
  const { defaultLimitPicos } = config.agents;
  const [spend] = await withScope(db, agent.tenant, (scope) =>
    readAgentSpend(scope, [agent], { now: now(), defaultLimitPicos }),
  );
  if (spend === undefined) throw new Error('the agent that was changed is not in its tenant');
  return agentBudgetOf(spend);
}

/** `POST /:id/budget`. */
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
  answer: agentBudgetAnswer,
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

/** `POST /:id/budget/reset`: lets this month's spend count from now on. */
export const resetAgentBudget = endpoint({
  access: 'agents:write',
  summary: 'Sets an agent’s spend of this month back to zero.',
  description:
    'The month’s cost at this moment is remembered and left out of `current_cost` until the month ends; the ledger keeps every event, and no other figure changes. What is recorded later counts, also where it happened before, and so does a correction of an earlier cost. Written to the audit log.',
  tags: ['agents'],
  params: agentPath,
  query: agentQuery,
  answer: agentBudgetAnswer,
  errors: AGENT_ERRORS,
  examples: [{ name: 'by name', params: { id: 'crawler' } }],
  handle: ({ context, ...asked }) => changeAgent(context, asked, { kind: 'reset' }),
});

/** `POST /:id/pause`. */
export const pauseAgent = endpoint({
  access: 'agents:write',
  summary: 'Pauses an agent.',
  description:
    'Keeps who paused it, when and why; pausing a paused agent changes nothing. Written to the audit log. Calls of a paused agent are not refused yet: ask `is_active` before you make them.',
  tags: ['agents'],
  params: agentPath,
  query: agentQuery,
  body: z.strictObject({ reason: pauseReasonInput.optional() }),
  answer: agentBudgetAnswer,
  errors: AGENT_ERRORS,
  examples: [
    { name: 'with a reason', params: { id: 'crawler' }, body: { reason: 'It calls itself in a loop.' } },
  ],
  handle: ({ context, body: { reason = null }, ...asked }) =>
    changeAgent(context, asked, { kind: 'pause', reason }),
});

/** `POST /:id/unpause`. */
export const unpauseAgent = endpoint({
  access: 'agents:write',
  summary: 'Lets a paused agent go on.',
  description: 'Changes nothing where it is not paused. Written to the audit log.',
  tags: ['agents'],
  params: agentPath,
  query: agentQuery,
  answer: agentBudgetAnswer,
  errors: AGENT_ERRORS,
  examples: [{ name: 'by name', params: { id: 'crawler' } }],
  handle: ({ context, ...asked }) => changeAgent(context, asked, { kind: 'unpause' }),
});
