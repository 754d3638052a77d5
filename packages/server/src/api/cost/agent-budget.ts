/** An agent's budget as it is answered by `/api/cost/agents` and by what changes it. */
import { printUsd } from '@farthing/pricing';
import { z } from 'zod';
import type { AgentSpend } from '../../agent-spend/agent-spend.ts';
import { exactNumber } from '../../http/money.ts';
import { count, instant, usdNumber } from '../schemas.ts';

export const agentBudget = z
  .object({
    agent_id: z.string(),
    agent_name: z.string(),
    tenant: z.string(),
    budget_limit: usdNumber.meta({ description: 'USD per calendar month of the tenant’s zone.' }),
    budget_is_default: z.boolean().meta({ description: 'The limit is that of the deployment.' }),
    current_cost: usdNumber.meta({ description: 'Of this month, since it was last set back.' }),
    remaining: usdNumber.meta({ description: 'Below zero once the limit is exceeded.' }),
    utilization_pct: z.number(),
    operation_count: count,
    is_active: z.boolean().meta({ description: 'False while the agent is paused.' }),
    paused_at: instant.nullable(),
    paused_by: z.string().nullable(),
    pause_reason: z.string().nullable(),
    cost_since: instant.meta({
      description: 'Since when `current_cost` counts: the month’s start, or the last reset in it.',
    }),
  })
  .meta({ id: 'AgentBudget' });

export function agentBudgetOf(spend: AgentSpend) {
  const { agent } = spend;
  return {
    agent_id: agent.id,
    agent_name: agent.name,
    tenant: agent.tenant,
    budget_limit: exactNumber(printUsd(spend.limitPicos)),
    budget_is_default: agent.ownLimitPicos === null,
    current_cost: exactNumber(printUsd(spend.currentPicos)),
    remaining: exactNumber(printUsd(spend.remainingPicos)),
    utilization_pct: spend.utilizationPct,
    operation_count: spend.requests,
    is_active: agent.status === 'active',
    paused_at: agent.pausedAt?.toISOString() ?? null,
    paused_by: agent.pausedBy,
    pause_reason: agent.pauseReason,
    cost_since: new Date(spend.since).toISOString(),
  };
}
