/** `GET /api/usage/stream`: server-sent events, one message per commit or few, each naming the events that arrived. */
import { z } from 'zod';
import { identityOf, readableTenant } from '../../http/access.ts';
import { parseParameters } from '../../http/parse.ts';
import { type Endpoint, SENT } from '../endpoint.ts';

const parameters = z.strictObject({
  /** Admin keys: one tenant; all of them where absent. */
  tenant: z.string().max(63).optional(),
});

/**
 * Sends `event: usage` with `{events: [{tenant, id, time}], overflow}`; `overflow` says that more arrived than are
 * named. What they cost is at `/api/usage/events/<id>`. A stream that was interrupted does not repeat what it
 * missed: read the newest from `/api/usage/events`.
 */
export const streamEvents: Endpoint = {
  access: 'tenant',
  duration: 'long',
  handle(context, request, reply) {
    const { tenant } = parseParameters(parameters, request.query);
    const scope = readableTenant(identityOf(request), tenant);
    const stream = context.streams.open(reply);
    const unsubscribe = context.feed.subscribe(scope, ({ items, overflow }) => {
      const events = items.map((item) => ({ ...item, time: new Date(item.time).toISOString() }));
      stream.send('usage', { events, overflow });
    });
    stream.onClose(unsubscribe);
    return SENT;
  },
};
