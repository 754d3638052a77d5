/** `/api/usage/stream`: the message `usage`, which names events that have just been recorded. */
import { z } from 'zod';
import { instantText } from '../values.ts';

export const recordedEventsMessage = z.object({
  events: z.array(z.object({ tenant: z.string(), id: z.string(), time: instantText })),
  overflow: z.boolean(),
});
