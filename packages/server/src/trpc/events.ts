/** Newest requests and one request opened. */
import { TRPCError } from '@trpc/server';
import { z } from 'zod';
import { eventListInput } from '../ledger/event-filter.ts';
import { procedure, router } from './trpc.ts';

const eventKey = z.strictObject({
  id: z.string().min(1).max(256),
  /** Administrators: the tenant the id belongs to; ids are unique per tenant. */
  tenant: z.string().max(63).optional(),
});

export const eventsRouter = router({
  list: procedure.input(eventListInput).query(({ ctx, input }) => ctx.services.listEvents(ctx.viewer, input)),
  get: procedure.input(eventKey).query(async ({ ctx, input }) => {
    const event = await ctx.services.getEvent(ctx.viewer, input);
    if (event === null) throw new TRPCError({ code: 'NOT_FOUND', message: 'There is no such event.' });
    return event;
  }),
});
