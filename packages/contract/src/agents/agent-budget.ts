/** `/api/cost/agents` and `/api/admin/agents/:id/…`: an agent and its monthly limit. */
import { z } from 'zod';
import { count, instantText, nextCursor, usdNumber } from '../values.ts';

export const agentBudgetAnswer = z
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
    paused_at: instantText.nullable(),
    paused_by: z.string().nullable(),
    pause_reason: z.string().nullable(),
    cost_since: instantText.meta({
      description: 'Since when `current_cost` counts: the month’s start, or the last reset in it.',
    }),
  })
  .meta({ id: 'AgentBudget' });

export const agentBudgetsAnswer = z.object({ agents: z.array(agentBudgetAnswer), next_cursor: nextCursor });
