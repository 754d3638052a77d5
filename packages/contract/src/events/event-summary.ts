/** `/api/usage/events` and `/api/ops/usage/events`: one event as a row of a list. */
import { z } from 'zod';
import { count, instantText, nextCursor, usdNumber, usdText } from '../values.ts';

const label = z.string().nullable();
const amount = usdText.nullable();

/** What a row and an opened event have in common. */
export const eventFields = {
  tenant: z.string(),
  id: z.string(),
  time: instantText,
  received_at: instantText,
  door: z.string().meta({ description: 'How it came: `sdk`, `gateway`, `otlp`, `import` or `api`.' }),
  provider: z.string(),
  model: z.string(),
  requested_model: label,
  operation: z.string(),
  status: z.string().meta({ description: '`ok`, `error` or `aborted`.' }),
  project: label,
  environment: label,
  agent: label,
  user: label,
  workflow: label,
  task: label,
  session: label,
  request_id: label,
  input_tokens: count,
  output_tokens: count,
  cache_read_tokens: count,
  cache_write_tokens: count,
  reasoning_tokens: count,
  cost_usd: amount.meta({ description: 'What is charged; null = unpriced, never zero.' }),
  priced_subtotal_usd: usdText.meta({ description: 'What is known of the cost of an unpriced event.' }),
  reported_cost_usd: z
    .string()
    .nullable()
    .meta({ description: 'What the provider itself said it costs, in its own digits.' }),
  usage_source: z.string().meta({ description: 'Whether the counts were reported, partial or estimated.' }),
  latency_ms: z.number().nullable(),
  tags: z.record(z.string(), z.string()),
};

/** One row of an event list. */
export const eventSummaryAnswer = z
  .object(eventFields)
  .meta({ id: 'EventSummary', description: 'One usage event.' });

export const eventPageAnswer = z.object({ events: z.array(eventSummaryAnswer), next_cursor: nextCursor });

/** The same with amounts as numbers. */
export const numericEventPageAnswer = z.object({
  events: z.array(
    z.object({
      ...eventFields,
      total_tokens: count,
      cost_usd: usdNumber.nullable().meta({ description: 'What is charged; null = unpriced, never zero.' }),
      priced_subtotal_usd: usdNumber,
      reported_cost_usd: usdNumber.nullable(),
    }),
  ),
  next_cursor: nextCursor,
});
