/** `/api/cost/estimate`: what calls would cost, without making them. */
import { z } from 'zod';
import { count, instantText, usdNumber } from '../values.ts';

const cost = usdNumber.nullable().meta({ description: 'Null: something has no price.' });
const volumes = z.array(z.object({ calls: count, cost_usd: cost }));

const line = z.object({
  meter: z.string(),
  label: z.string(),
  unit: z.string(),
  quantity: z.number(),
  rate_usd: usdNumber.nullable(),
  per: z.number().nullable(),
  cost_usd: cost,
  inherited_from: z.string().nullable().meta({ description: 'The meter whose price was taken.' }),
  threshold: z.object({ from: z.number(), context_tokens: z.number() }).nullable(),
});

export const costEstimateAnswer = z.object({
  models: z.array(
    z.object({
      provider: z.string().nullable(),
      model: z.string(),
      times: z.string(),
      input_tokens: count,
      output_tokens: count,
      cost_usd: cost,
      volumes,
      lines: z.array(line),
      unpriced: z.array(z.object({ reason: z.string(), message: z.string() })),
    }),
  ),
  total: z.object({ cost_usd: cost, volumes }),
  at: instantText,
  tier: z.string(),
  region: z.string().nullable(),
  price_book: z.string(),
});
