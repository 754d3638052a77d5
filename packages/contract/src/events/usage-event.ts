/** `POST /api/usage/events`: what a caller sends per event. Its limits are in `limits.ts`, what comes back in `ingest-result.ts`. */
import { OPERATIONS } from '@farthing/pricing';
import { z } from 'zod';
import { MAX_METADATA_LENGTH, MAX_NAME_LENGTH, MAX_TAGS } from './limits.ts';

/** A short free name: trimmed, without control characters. */
export const name = z
  .string()
  .trim()
  .min(1)
  .max(MAX_NAME_LENGTH)
  .regex(/^\P{Cc}*$/u, 'must not contain control characters');

/** Ids that no URL can name: every client takes them for steps in a path. */
export const isPathStep = (id: string): boolean => id === '.' || id === '..';

/** Any JSON object; its own keys are data, never trusted as structure. Checked, not copied. */
const jsonObject = z.custom<{ readonly [key: string]: unknown }>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'must be a JSON object',
);

/** The caller's own labels. */
export const tagsInput = z
  .record(name, z.string().max(MAX_NAME_LENGTH))
  .refine((tags) => Object.keys(tags).length <= MAX_TAGS, `must have at most ${MAX_TAGS} tags`);

/** What a caller sends per event. Fields that are not named here are refused. */
export const usageEventInput = z
  .strictObject({
    /** Caller-generated id; unique per tenant. Absent: made by the server, then a retry cannot be recognised. */
    id: name
      .refine((id) => !isPathStep(id), 'must not be "." or "..": no URL can name such an id')
      .optional(),
    /** RFC 3339, from 2020 until a day ahead. Absent: the response's own creation time, else now. */
    time: z.iso.datetime({ offset: true }).optional(),
    /** Needed unless the response says who answered. */
    provider: name.optional(),
    /** The requested model; if the response names the model that served, that one counts. */
    model: name.optional(),
    operation: z.enum(OPERATIONS).optional(),
    /** Whole provider body, verbatim. */
    response: jsonObject.optional(),
    /** Where the call went, without query: host and path may decide who answered and the price there. Not stored. */
    url: z
      .url({ protocol: /^https?$/, error: 'must be the http(s) URL that answered' })
      .max(2048)
      .optional(),
    /** Headers of the provider's answer, of which a few decide a price. Not kept. */
    headers: z
      .record(z.string().max(256), z.string().max(4096))
      .refine((headers) => Object.keys(headers).length <= 100, 'must have at most 100 headers')
      .optional(),
    /** The provider's own usage object. */
    usage: jsonObject.optional(),
    /** Our meters, disjoint. */
    quantities: jsonObject.optional(),
    /** Only with an admin key, or the key's own tenant. */
    tenant: name.optional(),
    project: name.optional(),
    environment: name.optional(),
    /** The caller's stable name of the agent. */
    agent: name.optional(),
    user: name.optional(),
    /** Absent: `request_id`, so that the calls of one request belong together. */
    workflow: name.optional(),
    task: name.optional(),
    session: name.optional(),
    request_id: name.optional(),
    latency_ms: z.number().nonnegative().max(86_400_000).optional(),
    status: z.enum(['ok', 'error', 'aborted']).optional(),
    tags: tagsInput.optional(),
    metadata: jsonObject
      .refine(
        (value) => JSON.stringify(value).length <= MAX_METADATA_LENGTH,
        `must be at most ${MAX_METADATA_LENGTH} characters of JSON`,
      )
      .optional(),
  })
  .refine(
    (event) =>
      [event.response, event.usage, event.quantities].filter((part) => part !== undefined).length === 1,
    {
      message: 'give exactly one of response, usage, quantities',
    },
  );

export type UsageEventInput = z.infer<typeof usageEventInput>;

/**
 * Parameters of `POST /api/usage/events`: the form of the items, and attribution for those that state none. Beside
 * these, `tag.<key>=<value>` gives every item a tag that it does not have itself.
 */
export const usageEventsParameters = z.strictObject({
  /** `events`: items as {@link usageEventInput}. `responses`: lines of recorded provider responses, see {@link UsageResponseLine}. */
  format: z.enum(['events', 'responses']).default('events'),
  /** How the events came here; `import` where `format` is `responses`. */
  door: z.enum(['api', 'sdk', 'import']).optional(),
  tenant: name.optional(),
  project: name.optional(),
  environment: name.optional(),
  agent: name.optional(),
});
export type UsageEventsParameters = z.infer<typeof usageEventsParameters>;
