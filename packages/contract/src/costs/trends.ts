/** `/api/cost/trends`: day by day, month to date, projection. */
import { z } from 'zod';
import { count, day, usdNumber } from '../values.ts';

export const costTrendsAnswer = z.object({
  timezone: z.string(),
  days: z.array(
    z.object({
      date: day,
      total_cost: usdNumber,
      operation_count: count,
      input_tokens: count,
      output_tokens: count,
      partial: z.boolean(),
    }),
  ),
  month_to_date: usdNumber,
  average_daily_cost: usdNumber,
  projected_monthly_cost: usdNumber,
  confidence: z.enum(['high', 'medium', 'low']),
});
