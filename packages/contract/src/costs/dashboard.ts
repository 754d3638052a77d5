/** `/api/cost/dashboard`: this month, today, who leads, everything so far. */
import { z } from 'zod';
import { count, day, instantText, interval, usdNumber } from '../values.ts';

const spendFigures = {
  total_cost: usdNumber,
  operation_count: count,
  unpriced_requests: count,
  previous_total_cost: usdNumber,
  previous_period: z.object({ label: z.string(), from: instantText, to: instantText }),
  change_pct: z
    .number()
    .nullable()
    .meta({ description: 'Per cent against the period before; null where that one has no cost.' }),
};

export const costDashboardAnswer = z.object({
  timezone: z.string(),
  current_month: z.object({ month: z.string().meta({ examples: ['2026-11'] }), ...spendFigures }),
  today: z.object({ date: day, ...spendFigures }),
  top_period: interval,
  top_agents: z.array(
    z.object({
      agent_id: z.string().nullable().meta({ description: 'Null for an agent that was never registered.' }),
      agent_name: z.string(),
      tenant: z.string(),
      cost_usd: usdNumber,
      operation_count: count,
    }),
  ),
  top_models: z.array(
    z.object({ provider: z.string(), model: z.string(), cost_usd: usdNumber, operation_count: count }),
  ),
  all_time: z.object({
    total_cost: usdNumber,
    operation_count: count,
    unpriced_requests: count,
    since: day.nullable(),
  }),
  unpriced_requests: count,
});
