/** An agent's budget as `/api/cost/agents` and what changes it answer it. */
import { printUsd } from '@farthing/pricing';
import type { AgentSpend } from '../../agent-spend/agent-spend.ts';
import { exactNumber } from '../../http/money.ts';

/** Amounts are numbers with every digit. */
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
