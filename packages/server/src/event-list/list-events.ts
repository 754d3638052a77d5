/** The event list as the API asks for it: a range in a zone, filters, a page. */
import { z } from 'zod';
import { EARLIEST, type Interval, LATEST } from '../clock/interval.ts';
import { findStretches, newestEnd, type Probe, probeFor } from '../costs/postgres/find-stretches.ts';
import type { InsightScope } from '../costs/scope.ts';
import { decodeCursor } from '../ledger/event-cursor.ts';
import { eventFilterInput, MAX_EVENT_PAGE } from '../ledger/event-filter.ts';
import {
  type EventListQuery,
  type EventPage,
  type EventSummary,
  readEvents,
  readPart,
} from '../ledger/read-events.ts';
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

/**
 * One page, newest first. What no index of the events finds is looked up in the rollups first: in which quarter hours
 * there is any, and how much.
 */
export async function listEvents(scope: InsightScope, input: EventListInput): Promise<EventPage> {
  const range = resolveRange(input, { from: EARLIEST, to: LATEST }, input.timezone ?? scope.timezone);
  const filter = input.filter ?? {};
  const query = {
    tenants: scope.tenants.map((tenant) => tenant.id),
    from: input.from === undefined ? null : range.from,
    to: input.to === undefined ? null : range.to,
    filter,
    cursor: input.cursor,
    limit: input.limit,
  };
  const probe = probeFor(filter);
  const after = input.cursor === undefined ? null : decodeCursor(input.cursor);
  // A cursor that says nothing is refused where events are read.
  if (probe === null || (input.cursor !== undefined && after === null)) return readEvents(scope.tx, query);
  const newest = (await newestEnd(scope)) ?? range.from;
  const to = Math.min(range.to, newest, after === null ? LATEST : Date.parse(after.time) + 1);
  return readStretches(scope, query, probe, { from: range.from, to });
}

async function readStretches(
  scope: InsightScope,
  query: EventListQuery,
  probe: Probe,
  interval: Interval,
): Promise<EventPage> {
  const events: EventSummary[] = [];
  let last: string | null = null;
  if (interval.from >= interval.to) return { events, next_cursor: null };
  for await (const stretches of findStretches(scope, probe, interval, query.limit + 1)) {
    const missing = query.limit - events.length;
    const from = Math.max(interval.from, Math.min(...stretches.map((one) => one.from)));
    const to = Math.min(query.to ?? LATEST, Math.max(...stretches.map((one) => one.to)));
    // The page may be full just where a portion ends: then one more tells whether there is a next one.
    const part = await readPart(scope.tx, { ...query, from, to, stretches, limit: Math.max(1, missing) });
    if (missing === 0) {
      if (part.events.length > 0) return { events, next_cursor: last };
      continue;
    }
    events.push(...part.events);
    last = part.last ?? last;
    if (part.more) return { events, next_cursor: last };
  }
  return { events, next_cursor: null };
}
