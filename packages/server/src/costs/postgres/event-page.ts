/** One page of the event list, by the events' own indexes or, if they find too little, with the help of the rollups. */
import { EARLIEST, type Interval, LATEST } from '../../clock/interval.ts';
import type { Tx } from '../../db/database.ts';
import { decodeCursor } from '../../ledger/reading/event-cursor.ts';
import {
  type EventListQuery,
  type EventPage,
  type EventSummary,
  readEvents,
  readPart,
} from '../../ledger/reading/read-events.ts';
import type { EventsQuery } from '../cost-store.ts';
import type { ScopedTenant } from '../scoped-tenant.ts';
import { findStretches, newestEnd, type Probe, probeFor, type Reader } from './find-stretches.ts';

/**
 * Newest first. Filters without an index on events are first looked up in the rollups, which tell in which quarter
 * hours there are matching events, and how many.
 */
export async function readEventPage(
  tx: Tx,
  tenants: readonly ScopedTenant[],
  asked: EventsQuery,
): Promise<EventPage> {
  const query: EventListQuery = { ...asked, tenants: tenants.map((tenant) => tenant.id) };
  const probe = probeFor(asked.filter);
  const after = asked.cursor === undefined ? null : decodeCursor(asked.cursor);
  // A cursor that says nothing is refused where events are read.
  if (probe === null || (asked.cursor !== undefined && after === null)) return readEvents(tx, query);
  const from = asked.from ?? EARLIEST;
  const newest = (await newestEnd({ tx, tenants })) ?? from;
  const to = Math.min(asked.to ?? LATEST, newest, after === null ? LATEST : Date.parse(after.time) + 1);
  return readStretches({ tx, tenants }, query, probe, { from, to });
}

async function readStretches(
  reader: Reader,
  query: EventListQuery,
  probe: Probe,
  interval: Interval,
): Promise<EventPage> {
  const events: EventSummary[] = [];
  let last: string | null = null;
  if (interval.from >= interval.to) return { events, next_cursor: null };
  for await (const stretches of findStretches(reader, probe, interval, query.limit + 1)) {
    const missing = query.limit - events.length;
    const from = Math.max(interval.from, Math.min(...stretches.map((one) => one.from)));
    const to = Math.min(query.to ?? LATEST, Math.max(...stretches.map((one) => one.to)));
    // The page may be full just where a portion ends: then one more tells whether there is a next one.
    const part = await readPart(reader.tx, { ...query, from, to, stretches, limit: Math.max(1, missing) });
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
