/** Events as a file: read page by page, each in a short transaction of its own. */

import { type InsightScope, withScope } from '../costs/scope.ts';
import type { Database } from '../db/database.ts';
import { listEvents } from '../event-list/list-events.ts';
import { type EventFilter, MAX_EVENT_PAGE } from '../ledger/event-filter.ts';
import type { EventSummary } from '../ledger/read-events.ts';
import type { AskedRange } from '../parameters/time-range.ts';
import type { PageReader } from './desk.ts';
import { type EventExtras, EXTRA_COLUMNS, type ExportedEvent } from './event-columns.ts';
import { boundedRange } from './export-range.ts';
import { goneFrom, type KeptRange, keptRange } from './past-retention.ts';
import type { Pages } from './table.ts';

export interface EventExport extends AskedRange {
  /** Null: every tenant's. */
  readonly tenant: string | null;
  readonly timezone: string | undefined;
  readonly filter: EventFilter;
}

/** What a file will hold: its rows, and the time they are from. */
export interface Prepared<Row> {
  readonly range: KeptRange;
  /** The zone of its days. */
  readonly timezone: string;
  readonly pages: Pages<Row>;
}

/**
 * Newest first, each event once, also while newer ones arrive. Nothing of the database is held while the caller does
 * something else than asking for the next page. Events that a tenant does not keep any more are refused where the
 * beginning of the range was asked for, else the file begins behind them.
 */
export async function exportEvents(
  { db, read, now }: { readonly db: Database; readonly read: PageReader; readonly now: number },
  asked: EventExport,
): Promise<Prepared<ExportedEvent>> {
  const { range, timezone } = await withScope(db, asked.tenant, async (scope) => {
    const zone = asked.timezone ?? scope.timezone;
    const bounded = boundedRange(asked, zone, now);
    return { range: keptRange(bounded, asked, await goneFrom(scope, bounded), zone), timezone: zone };
  });
  const input = {
    from: new Date(range.from).toISOString(),
    to: new Date(range.to).toISOString(),
    filter: asked.filter,
    limit: MAX_EVENT_PAGE,
  };
  async function* pages(): AsyncGenerator<readonly ExportedEvent[]> {
    let cursor: string | undefined;
    do {
      const after = cursor;
      const page = await read(() =>
        withScope(db, asked.tenant, async (scope) => {
          const { events, next_cursor: next } = await listEvents(scope, { ...input, cursor: after });
          return { events: await withExtras(scope, events), next };
        }),
      );
      yield page.events;
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
  }
  return { range, timezone, pages: pages() };
}

/** An event that was erased between the two statements is left out. */
async function withExtras(
  { tx }: InsightScope,
  events: readonly EventSummary[],
): Promise<readonly ExportedEvent[]> {
  if (events.length === 0) return [];
  const { rows } = await tx.query<EventExtras & { readonly position: number }>(
    // Looked up one by one: a plan that reads all ids for a thousand of them is never the better one for long.
    `select wanted.position::int as position, e.*
       from unnest($1::text[], $2::text[]) with ordinality as wanted (tenant_id, id, position)
      cross join lateral (
        select ids.event_time from event_ids ids
         where ids.tenant_id = wanted.tenant_id and ids.id = wanted.id offset 0) ids
      cross join lateral (
        select ${EXTRA_COLUMNS} from usage_events e
         where e.tenant_id = wanted.tenant_id and e.event_time = ids.event_time and e.id = wanted.id offset 0) e`,
    [events.map((event) => event.tenant), events.map((event) => event.id)],
  );
  const extras = new Map(rows.map((row) => [row.position - 1, row]));
  return events.flatMap((summary, index) => {
    const found = extras.get(index);
    return found === undefined ? [] : [{ summary, extras: found }];
  });
}
