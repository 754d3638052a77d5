/** The event list as the API asks for it: a range in a zone, filters, a page. */
import { z } from 'zod';
import { EARLIEST, LATEST } from '../clock/interval.ts';
import type { CostScope } from '../costs/scope.ts';
import { eventFilterInput, MAX_EVENT_PAGE } from '../ledger/event-filter.ts';
import type { EventPage } from '../ledger/reading/read-events.ts';
import { tenantInput } from '../parameters/tenant.ts';
import { pointInTimeInput, resolveRange, timeZoneInput } from '../parameters/time-range.ts';

export const eventListInput = z.strictObject({
  tenant: tenantInput.optional(),
  timezone: timeZoneInput.optional(),
  from: pointInTimeInput.optional(),
  to: pointInTimeInput.optional(),
  filter: eventFilterInput.optional(),
  /** `next_cursor` of the page before. */
  cursor: z.string().min(1).max(2048).optional(),
  limit: z.int().min(1).max(MAX_EVENT_PAGE).default(50),
});
export type EventListInput = z.infer<typeof eventListInput>;

/** One page, newest first. */
export function listEvents(
  { costs, tenants, timezone }: CostScope,
  input: EventListInput,
): Promise<EventPage> {
  const range = resolveRange(input, { from: EARLIEST, to: LATEST }, input.timezone ?? timezone);
  return costs.events(tenants, {
    from: input.from === undefined ? null : range.from,
    to: input.to === undefined ? null : range.to,
    filter: input.filter ?? {},
    cursor: input.cursor,
    limit: input.limit,
  });
}
