/** `/api/cost/summary`: sums over a range, grouped. */
import { z } from 'zod';
import { count, instantText, sharePct, usdNumber } from '../values.ts';

/** Sums of one group, or of what a limit left out. */
const groupFigures = {
  total_cost: usdNumber,
  requests: count,
  input_tokens: count,
  output_tokens: count,
  unpriced_requests: count,
  share_pct: sharePct,
};

export const costSummaryAnswer = z.object({
  from: instantText,
  to: instantText,
  timezone: z.string(),
  total_cost: usdNumber,
  total_requests: count,
  input_tokens: count,
  output_tokens: count,
  total_tokens: count,
  unpriced_requests: count,
  groups: z.array(
    z.object({
      key: z.string().meta({ description: 'The value of the dimension; several with " / " between.' }),
      keys: z.record(z.string(), z.string()).optional(),
      ...groupFigures,
    }),
  ),
  other: z.object({ groups: count, ...groupFigures }).optional(),
});
