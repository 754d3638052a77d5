/** `POST /api/usage/events`: what a caller sends per event and what comes back per item. */
import { z } from 'zod';
import type { ErrorCode } from './error-codes.ts';

/** Longest id, name or label that is stored. */
export const MAX_NAME_LENGTH = 256;
export const MAX_TAGS = 32;
/** Events in one request. */
export const MAX_BATCH_ITEMS = 10_000;

/** A short free name: trimmed, without control characters. */
export const name = z
  .string()
  .trim()
  .min(1)
  .max(MAX_NAME_LENGTH)
  .regex(/^\P{Cc}*$/u, 'must not contain control characters');

/** Any JSON object; its own keys are data, never trusted as structure. */
const jsonObject = z.record(z.string(), z.unknown());

export const usageEventInput = z
  .strictObject({
    /** Caller-generated id; unique per tenant. Absent: made by the server, then a retry cannot be recognised. */
    id: name.optional(),
    /** RFC 3339. Absent: the response's own creation time, else now. */
    time: z.iso.datetime({ offset: true }).optional(),
    provider: name.optional(),
    model: name.optional(),
    operation: name.optional(),
    /** Whole provider body, verbatim. */
    response: jsonObject.optional(),
    /** The provider's own usage object. */
    usage: jsonObject.optional(),
    /** Our meters, disjoint. */
    quantities: z.record(z.string(), z.number()).optional(),
    tenant: name.optional(),
    project: name.optional(),
    environment: name.optional(),
    agent: name.optional(),
    user: name.optional(),
    workflow: name.optional(),
    task: name.optional(),
    session: name.optional(),
    request_id: name.optional(),
    latency_ms: z.number().nonnegative().max(86_400_000).optional(),
    status: z.enum(['ok', 'error', 'aborted']).optional(),
    tags: z.record(name, z.string().max(MAX_NAME_LENGTH)).optional(),
    metadata: jsonObject.optional(),
  })
  .refine(
    (event) =>
      [event.response, event.usage, event.quantities].filter((part) => part !== undefined).length === 1,
    {
      message: 'give exactly one of response, usage, quantities',
    },
  );

export type UsageEventInput = z.infer<typeof usageEventInput>;

/** The answer per item, in the order of the request. */
export type UsageEventResult =
  | {
      readonly status: 'accepted' | 'superseded' | 'duplicate';
      readonly id: string;
      /** Decimal USD text; null = unpriced. */
      readonly cost_usd: string | null;
      /** Meters without a price. */
      readonly unpriced?: readonly string[];
    }
  | { readonly status: 'queued'; readonly id: string }
  | {
      readonly status: 'conflict' | 'rejected';
      readonly id: string | null;
      readonly error: { readonly code: ErrorCode; readonly message: string; readonly path?: string };
    };
