/** What the four changes of an agent have in common: who may, which agent, and the answer. */
import { z } from 'zod';
import { readAgentSpend } from '../../../agent-spend/agent-spend.ts';
import type { AgentChange } from '../../../budgets/agent-registry.ts';
import type { AppContext } from '../../../context.ts';
import { withScope } from '../../../costs/with-scope.ts';
import { readableTenant, requireOwnAgent } from '../../../http/callers/access.ts';
import { filterValueInput } from '../../../ledger/event-filter.ts';
import { tenantInput } from '../../../parameters/tenant.ts';
import { actorOf, type Identity } from '../../../tenants/identity.ts';
import { agentBudgetOf } from '../../cost/agent-schemas.ts';

/** The agent's id, or its name. */
export const agentPath = z.strictObject({
  id: filterValueInput.min(1).meta({ description: 'Id or name of the agent.' }),
});

/** Administrators name the tenant where several have an agent of the name. */
export const agentQuery = z.strictObject({ tenant: tenantInput.optional() });

/** What such a change may refuse. */
export const AGENT_ERRORS = ['not_found', 'conflict'] as const;

interface AskedChange {
  readonly identity: Identity;
  readonly params: z.output<typeof agentPath>;
  readonly query: z.output<typeof agentQuery>;
}

/** Makes a change and answers the agent's budget as it is then. */
export async function changeAgent(context: AppContext, asked: AskedChange, change: AgentChange) {
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
