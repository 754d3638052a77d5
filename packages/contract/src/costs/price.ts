/** `/api/cost/price`: recorded responses and single calls, priced. */
import { z } from 'zod';

/** Amounts are decimal text; their forms are those of `@farthing/pricing`, which makes them. */
export const pricedCallsAnswer = z.object({
  price_book: z.string(),
  prices: z.array(z.record(z.string(), z.unknown())).meta({
    description: 'In the order of the items: what a response used and costs, or the explanation of a call.',
  }),
});

const text = z.string().nullable();
const provenance = z.object({ table: z.string(), version: z.string(), date: z.string() });

/** The explanation of a call, as far as it is shown to people. */
export const callExplanation = z.object({
  provider: z.string(),
  model: z.string(),
  at: z.string(),
  tier: z.string(),
  speed: text,
  region: text,
  usage: z
    .object({
      convention: z.string(),
      source: z.string(),
      reportedCost: z.object({ usd: z.string(), field: z.string() }).nullable(),
      anomalies: z.array(z.object({ code: z.string(), message: z.string() })),
    })
    .nullable(),
  cards: z.array(
    z.object({
      id: z.string(),
      provider: z.string(),
      model: z.string(),
      from: text,
      to: text,
      time_of_day: z.object({ start: z.string(), end: z.string() }).nullable(),
      tier: z.string(),
      speed: z.string(),
      region: text,
      source: provenance,
    }),
  ),
  lines: z.array(
    z.object({
      segment: z.number(),
      model: z.string(),
      label: z.string(),
      quantity: z.number(),
      billed_quantity: z.number().nullable(),
      rate_usd: text,
      per: z.number().nullable(),
      amount_usd: text,
      card: text,
      inherited_from: text,
      threshold: z.object({ from: z.number(), context_tokens: z.number() }).nullable(),
      unpriced_reason: text,
      source: provenance.nullable(),
    }),
  ),
  priced_subtotal_usd: z.string(),
  // Null = unpriced.
  total_usd: text,
  unpriced_reason: text,
  price_book: z.string(),
});

/** What became of a recorded response. */
export const pricedLine = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    id: text,
    cost_usd: text,
    charged_usd: text,
    explanation: callExplanation.optional(),
  }),
  z.object({ ok: z.literal(false), id: text, error: z.object({ code: z.string(), message: z.string() }) }),
]);

/** Answers to items that are calls. */
export const explainedCallsAnswer = pricedCallsAnswer.extend({ prices: z.array(callExplanation).min(1) });

/** Answers to items that are recorded responses. */
export const pricedLinesAnswer = pricedCallsAnswer.extend({ prices: z.array(pricedLine) });
