/** A line of provider responses, as `POST /api/usage/events?format=responses` and `farthing import` take them. */
import { z } from 'zod';
import { name } from './usage-event.ts';

/**
 * The envelope of one recorded provider response. Fields not named here are ignored, so that recordings of
 * other tools go in as they are; what the body means is decided by the reader of provider responses.
 */
export const usageResponseLine = z.looseObject({
  id: name,
  provider: name.optional(),
  format: z.enum(['json', 'sse', 'ndjson', 'eventstream']).default('json'),
});
export type UsageResponseLine = z.infer<typeof usageResponseLine>;
