/** `GET /api/usage/stream`: server-sent events, one message per commit or few, each naming the events that arrived. */
import { z } from 'zod';
import { readableTenant } from '../../http/callers/access.ts';
import { holderOf } from '../../http/callers/asker.ts';
import { tenantInput } from '../../parameters/tenant.ts';
import { SENT, serverSentEvents } from '../answer-kinds.ts';
import { endpoint } from '../endpoint.ts';
import { instant } from '../schemas.ts';

export const streamEvents = endpoint({
  access: 'usage:read',
  summary: 'Server-sent events: which events have just been recorded.',
  description:
    'One message per commit or few. `overflow` says that more arrived than are named. What they cost is at `/api/usage/events/{id}`. A key or user has at most a quarter of the streams there are, a tenant half. It ends within half a minute when its key is revoked or its session is over. A stream that was interrupted does not repeat what it missed: read the newest from `/api/usage/events`.',
  tags: ['events'],
  duration: 'long',
  query: z.strictObject({
    tenant: tenantInput.optional().meta({ description: 'For an administrator: one tenant instead of all.' }),
  }),
  answer: serverSentEvents({
    usage: z.object({
      events: z.array(z.object({ tenant: z.string(), id: z.string(), time: instant })),
      overflow: z.boolean(),
    }),
  }),
  errors: ['overloaded', 'shutting_down'],
  examples: [{ name: 'follow' }],
  handle({ context, identity, query, request, reply }) {
    const scope = readableTenant(identity, query.tenant);
    const stream = context.streams.open(reply, holderOf(identity), async () => {
      const now = await request.identifyAgain();
      return now !== null && now.tenantId === identity.tenantId && now.permissions.has('usage:read');
    });
    const unsubscribe = context.feed.subscribe(scope, ({ items, overflow }) => {
      const events = items.map((item) => ({ ...item, time: new Date(item.time).toISOString() }));
      stream.send('usage', { events, overflow });
    });
    stream.onClose(unsubscribe);
    return SENT;
  },
});
