/** The event list as the API asks for it: a range in a zone, filters, a page. */
import { z } from 'zod';
import { eventFilterInput, MAX_EVENT_PAGE } from '../ledger/event-filter.ts';
import { type EventPage, readEvents } from '../ledger/read-events.ts';
import { type InsightScope, tenantInput } from './scope.ts';
import { EARLIEST, LATEST, pointInTimeInput, resolveRange, timeZoneInput } from './time-range.ts';

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

export function listEvents(scope: InsightScope, input: EventListInput): Promise<EventPage> {
  const range = resolveRange(input, { from: EARLIEST, to: LATEST }, input.timezone ?? scope.timezone);
  return readEvents(scope.tx, {
    tenants: scope.tenants.map((tenant) => tenant.id),
    from: input.from === undefined ? null : range.from,
    to: input.to === undefined ? null : range.to,
    filter: input.filter ?? {},
    cursor: input.cursor,
    limit: input.limit,
  });
}
