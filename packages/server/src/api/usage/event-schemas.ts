/** Events as answers carry them: in lists, and opened with everything that led to their cost. */
import { z } from 'zod';
import { count, instant, usdText } from '../schemas.ts';

const label = z.string().nullable();
const amount = usdText.nullable();

const summaryFields = {
  tenant: z.string(),
  id: z.string(),
  time: instant,
  received_at: instant,
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
export const eventSummary = z
  .object(summaryFields)
  .meta({ id: 'EventSummary', description: 'One usage event.' });

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
export const eventDetail = z
  .object({
    ...summaryFields,
    api_key_id: label,
    trace_id: label,
    span_id: label,
    response_id: label,
    anomalies: z.array(z.object({ code: z.string(), message: z.string() })),
    metadata: z.unknown(),
    pricing,
    adjustments: z.array(
      z.object({
        at: instant,
        reason: z.string(),
        actor: z.string(),
        old_cost_usd: amount,
        new_cost_usd: amount,
      }),
    ),
  })
  .meta({ id: 'EventDetail', description: 'One usage event, opened.' });

const itemError = z.object({ code: z.string(), message: z.string(), path: z.string().optional() });

/** What became of a batch. */
export const ingestResult = z
  .object({
    results: z.array(
      z.union([
        z.object({
          status: z.enum(['accepted', 'superseded', 'duplicate']),
          id: z.string(),
          cost_usd: amount,
          unpriced: z.array(z.string()).optional(),
        }),
        z.object({ status: z.enum(['queued', 'disabled']), id: z.string() }),
        z.object({
          status: z.enum(['conflict', 'rejected']),
          id: z.string().nullable(),
          error: itemError,
        }),
      ]),
    ),
    accepted: count,
    duplicates: count,
    superseded: count,
    conflicts: count,
    rejected: count,
    queued: count,
    disabled: count,
  })
  .meta({ id: 'IngestResult', description: 'What became of each item, in the order of the request.' });
