/** Events as a file: read page by page, each in a separate short transaction. */

import type { CostScope } from '../costs/scope.ts';
import { withScope } from '../costs/with-scope.ts';
import type { Database } from '../db/database.ts';
import { listEvents } from '../event-list/list-events.ts';
import { type EventFilter, MAX_EVENT_PAGE } from '../ledger/event-filter.ts';
import type { EventSummary } from '../ledger/reading/read-events.ts';
import type { AskedRange } from '../parameters/time-range.ts';
import type { PageReader } from './desk.ts';
import type { ExportedEvent } from './event-columns.ts';
import { boundedRange } from './export-range.ts';
import { goneFrom, type KeptRange, keptRange } from './past-retention.ts';
import type { Pages } from './table.ts';

export interface EventExport extends AskedRange {
  /** Null: every tenant's. */
  readonly tenant: string | null;
  readonly timezone: string | undefined;
  readonly filter: EventFilter;
}

/** Content of a file: its rows, and the time they are kept from. */
export interface PreparedExport<Row> {
  readonly range: KeptRange;
  /** The zone of its days. */
  readonly timezone: string;
  readonly pages: Pages<Row>;
}

/**
 * Newest first, each event once, also while newer ones arrive. No connection or transaction is held between two pages.
 * If the range has an explicit start below the watermark, it is refused; else the file starts at the watermark.
 */
export async function exportEvents(
  { db, read, now }: { readonly db: Database; readonly read: PageReader; readonly now: number },
  asked: EventExport,
): Promise<PreparedExport<ExportedEvent>> {
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

/** An event that was erased between the two questions is left out. */
async function withExtras(
  { costs }: CostScope,
  events: readonly EventSummary[],
): Promise<readonly ExportedEvent[]> {
  const extras = await costs.eventExtras(events);
  return events.flatMap((summary, index) => {
    const found = extras[index] ?? null;
    return found === null ? [] : [{ summary, extras: found }];
  });
}
