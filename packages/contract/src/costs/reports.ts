/** `/api/cost/workflows/:id`, `/api/cost/tenants/:id/report` and `/api/v2/costs`: the two reports. */
import { z } from 'zod';
import { count, day, instantText, usdNumber } from '../values.ts';

const totals = {
  total_requests: count,
  total_input_tokens: count,
  total_output_tokens: count,
  total_tokens: count,
  total_cost_usd: usdNumber,
  unpriced_requests: count,
};

const part = z.object({ count, input_tokens: count, output_tokens: count, cost_usd: usdNumber });

/** A workflow, by model. */
export const workflowReportAnswer = z.object({
  workflow_id: z.string(),
  tenant_id: z.string(),
  ...totals,
  first_request: instantText.nullable(),
  last_request: instantText.nullable(),
  models_used: z.array(z.string()),
  providers_used: z.array(z.string()),
  model_breakdown: z
    .record(z.string(), part)
    .meta({ description: 'By `provider/model`, the dearest first.' }),
});

/** A workflow, by model and by task. */
export const workflowTasksAnswer = workflowReportAnswer.extend({
  task_breakdown: z.array(part.extend({ task: z.string().nullable() })).meta({
    description:
      'The dearest first; null stands for calls without a task. Of calls whose events are still kept.',
  }),
  other_tasks: part.optional().meta({
    description: 'What is not named: tasks beyond 1,000, and calls whose events are no longer kept.',
  }),
});

/** What a tenant spent, day by day. */
export const tenantReportAnswer = z.object({
  tenant_id: z.string().nullable().meta({ description: 'Null: all tenants together, for administrators.' }),
  timezone: z.string(),
  start_date: day,
  end_date: day,
  ...totals,
  average_daily_cost: usdNumber.meta({ description: 'Of the days on which something was used.' }),
  daily_breakdown: z.record(z.string(), usdNumber).meta({
    description: 'Cost by day, for the days on which something was used.',
    examples: [{ '2026-11-22': 1.25 }],
  }),
  projected_monthly_cost: usdNumber.meta({ description: 'Thirty times the daily average.' }),
});
