/** `POST /api/usage/events`: what became of each item. */
import { z } from 'zod';
import type { ErrorCode } from '../error-codes.ts';
import { type AnswerOf, count, usdText } from '../values.ts';

/** Why one item was not kept. A newer server may have more codes than this list. */
const itemError = z.object({
  code: z.string() as z.ZodType<ErrorCode, ErrorCode>,
  message: z.string(),
  /** Dotted: `usage.prompt_tokens`. */
  path: z.string().optional(),
});

/** One item's end, in the order of the request. */
const itemResult = z.union([
  z.object({
    status: z.enum(['accepted', 'superseded', 'duplicate']),
    id: z.string(),
    // Null = unpriced.
    cost_usd: usdText.nullable(),
    // Meters without a price.
    unpriced: z.array(z.string()).optional(),
  }),
  // `queued`: durable, priced once the database is back. `disabled`: checked, not kept, since recording is off.
  z.object({ status: z.enum(['queued', 'disabled']), id: z.string() }),
  z.object({
    status: z.enum(['conflict', 'rejected']),
    id: z.string().nullable(),
    error: itemError,
  }),
]);
export type UsageEventResult = AnswerOf<typeof itemResult>;

/**
 * What became of a batch. The status is 200 whenever the body could be read, also when every item of a batch was
 * rejected; only a body that is one single event is answered with the error of that event (400, 403 or 409).
 */
export const ingestAnswer = z
  .object({
    results: z.array(itemResult),
    accepted: count,
    duplicates: count,
    superseded: count,
    conflicts: count,
    rejected: count,
    queued: count,
    disabled: count,
  })
  .meta({ id: 'IngestResult', description: 'What became of each item, in the order of the request.' });
export type IngestAnswer = AnswerOf<typeof ingestAnswer>;
