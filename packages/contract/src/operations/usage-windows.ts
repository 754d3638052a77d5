/** `/api/ops/usage/summary`: today, this week and this month. */
import { z } from 'zod';
import { count, instantText, usdNumber } from '../values.ts';

const figures = {
  cost_usd: usdNumber,
  requests: count,
  errors: count,
  unpriced_requests: count,
  input_tokens: count,
  output_tokens: count,
  total_tokens: count,
};
const other = z.object({ entries: count, ...figures }).optional();

const usageWindow = z.object({
  from: instantText,
  to: instantText,
  ...figures,
  tenants: z.array(z.object({ tenant: z.string(), ...figures })),
  other_tenants: other,
  models: z.array(z.object({ provider: z.string(), model: z.string(), ...figures })),
  other_models: other,
});

export const usageWindowsAnswer = z.object({
  timezone: z.string(),
  windows: z.object({ day: usageWindow, week: usageWindow, month: usageWindow }),
});
