/** Newest requests and one request opened. */
import { AppError } from '@farthing/contract';
import { z } from 'zod';
import { withScope } from '../costs/with-scope.ts';
import { eventListInput, listEvents } from '../event-list/list-events.ts';
import { readableTenant } from '../http/callers/access.ts';
import { filterValueInput } from '../ledger/event-filter.ts';
import type { EventDetail } from '../ledger/reading/event-detail.ts';
import { openEvent } from '../ledger/reading/read-event.ts';
import type { EventPage } from '../ledger/reading/read-events.ts';
import { tenantInput } from '../parameters/tenant.ts';
import { procedure, router } from './trpc.ts';

const eventKey = z.strictObject({
  id: filterValueInput.min(1),
  /** Administrators: the tenant the id belongs to; ids are unique per tenant. */
  tenant: tenantInput.optional(),
});

/** Input that TanStack's infinite queries add to each page request; the list only goes forward. */
const pagedListInput = eventListInput.extend({ direction: z.literal('forward').optional() });

export const eventsRouter = router({
  list: procedure
    .input(pagedListInput)
    .query(({ ctx, input: { direction: _, ...input } }): Promise<EventPage> => {
      const tenant = readableTenant(ctx.identity, input.tenant);
      return withScope(ctx.services.db, tenant, (scope) => listEvents(scope, input));
    }),
  get: procedure.input(eventKey).query(async ({ ctx, input }): Promise<EventDetail> => {
    const tenant = readableTenant(ctx.identity, input.tenant);
    const event = await withScope(ctx.services.db, tenant, ({ tx, tenants }) =>
      openEvent(
        tx,
        tenants.map((one) => one.id),
        input.id,
      ),
    );
    if (event === null) throw new AppError('not_found', 'There is no such event.');
    return event;
  }),
});
