/** `/api/usage/events/:id`: one event with everything that led to its cost. */
import { z } from 'zod';
import { instantText, usdText } from '../values.ts';
import { eventFields } from './event-summary.ts';

const label = z.string().nullable();
const amount = usdText.nullable();

const chargeLine = z.object({
  meter: z.string(),
  label: z.string(),
  quantity: z.number(),
  unit: z.string(),
  segment: z.int(),
  rate: label,
  per: z.number().nullable(),
  amount_usd: amount.meta({ description: 'Null = unpriced; `reason` says why.' }),
  card_id: label,
  inherited_from: label.meta({
    description: 'The meter whose rate was used, where the card names none of this one.',
  }),
  threshold_from: z.number().nullable(),
  billed_quantity: z.number().nullable(),
  reason: label,
});

const provenance = z.object({
  table: z.string(),
  version: z.string(),
  date: z.string(),
  url: label,
  checked: label,
});

const card = z.object({
  id: z.string(),
  provider: z.string(),
  model: z.string(),
  from: label,
  to: label,
  tier: z.string(),
  speed: z.string(),
  region: label,
  time_of_day: z.object({ start: z.string(), end: z.string() }).nullable(),
  rates: z.array(
    z.object({
      meter: z.string(),
      label: z.string(),
      usd: z.string(),
      per: z.number(),
      steps: z.array(z.object({ from: z.number(), usd: z.string() })),
      provenance,
    }),
  ),
  provenance,
});

const pricing = z.object({
  convention: label.meta({ description: 'How the counts were read, in words.' }),
  raw_usage: z.unknown().meta({ description: "The provider's usage object, as it came." }),
  segments: z.array(
    z.object({
      model: label,
      context_tokens: z.number(),
      quantities: z.array(z.object({ meter: z.string(), label: z.string(), quantity: z.number() })),
    }),
  ),
  service_tier: z.string(),
  speed: label,
  region: label,
  price_version: z.string(),
  cards: z.array(card),
  lines: z.array(chargeLine),
  unpriced: z.array(z.string()),
  input_cost_usd: usdText,
  output_cost_usd: usdText,
  other_cost_usd: usdText,
  priced_subtotal_usd: usdText,
  cost_usd: amount,
  list_cost_usd: amount,
  reported_cost_usd: label,
});

/** An event with everything that led to its cost. */
export const eventDetailAnswer = z
  .object({
    ...eventFields,
    api_key_id: label,
    trace_id: label,
    span_id: label,
    response_id: label,
    anomalies: z.array(z.object({ code: z.string(), message: z.string() })),
    metadata: z.unknown(),
    pricing,
    adjustments: z.array(
      z.object({
        at: instantText,
        reason: z.string(),
        actor: z.string(),
        old_cost_usd: amount,
        new_cost_usd: amount,
      }),
    ),
  })
  .meta({ id: 'EventDetail', description: 'One usage event, opened.' });
