/** A FOCUS 1.2 Cost and Usage file: tenant by tenant, day by day, each read in a separate short transaction. */

import type { Interval } from '../../clock/interval.ts';
import { DAY_MS } from '../../clock/lengths.ts';
import type { DayCount, LineSplit } from '../../costs/charge-lines.ts';
import type { ScopedTenant } from '../../costs/scoped-tenant.ts';
import { withScope } from '../../costs/with-scope.ts';
import type { Database } from '../../db/database.ts';
import { refuseParameter } from '../../parameters/refuse.ts';
import type { PriceBooks } from '../../price-book/installed-book.ts';
import type { PageReader } from '../desk.ts';
import type { PreparedExport } from '../export-events.ts';
import { MAX_EXPORT_DAYS } from '../export-range.ts';
import { keptRange, leastKept, markedIn } from '../past-retention.ts';
import type { FocusRow } from './columns.ts';
import { contextThresholds } from './prices.ts';
import { marginalCards, readCards } from './read-price-cards.ts';
import { focusRows } from './rows.ts';

export interface FocusExport {
  /** Null: every tenant's. */
  readonly tenant: string | null;
  /** Days, `2026-11-22`, UTC, both included. Absent: this month up to and including today. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly split: readonly LineSplit[];
}

/** A FOCUS file, and what is not in it. */
export interface PreparedFocus extends PreparedExport<FocusRow> {
  /** Calls in the range whose price is not known: they have no rows. */
  readonly unpricedRequests: number;
}

export interface FocusSources {
  readonly db: Database;
  readonly books: PriceBooks;
  readonly read: PageReader;
  /** Unix milliseconds. */
  readonly now: number;
}

/** Events of one statement: its groups have to fit into memory. */
const EVENTS_AT_ONCE = 25_000;

/**
 * Σ BilledCost of the rows is what the ledger charged on the same UTC days, to the last digit. If a tenant's events of
 * some day are deleted and the first day was given explicitly, the export is refused, since a file without them would
 * be short. Else the file starts after them.
 */
export async function exportFocus(sources: FocusSources, asked: FocusExport): Promise<PreparedFocus> {
  const { db } = sources;
  const whole = focusRange(asked, sources.now);
  const { range, days, names, marginal } = await withScope(
    db,
    asked.tenant,
    async ({ tx, costs, tenants }) => {
      const counted = await costs.countDays(tenants, whole);
      const kept = keptRange(whole, asked, goneFrom(counted, tenants, whole), 'UTC');
      return {
        range: kept,
        days: counted.filter(({ day }) => day >= kept.from),
        names: new Map(tenants.map(({ id, name }) => [id, name])),
        marginal: await marginalCards(tx),
      };
    },
  );

  async function page(day: DayCount, part: number, parts: number): Promise<readonly FocusRow[]> {
    const { tenant } = day;
    const listBook = sources.books.forList();
    // A tenant that is charged the list price needs no finer grouping of lines.
    const thresholds = sources.books.forTenant(tenant) === listBook ? [] : contextThresholds(listBook);
    const query = { tenant, day: day.day, split: asked.split, thresholds, marginalCards: marginal };
    const { groups, cards } = await withScope(db, tenant, async ({ tx, costs }) => {
      const found = await costs.chargeLines({ ...query, part, parts });
      const ids = new Set(found.flatMap(({ card_id: id }) => (id === null ? [] : [id])));
      return { groups: found, cards: await readCards(tx, [...ids]) };
    });
    const frame = { tenant, tenantName: names.get(tenant) ?? tenant, day: day.day };
    return groups.flatMap((group) => focusRows(group, frame, { listBook, cards }));
  }
  async function* pages(): AsyncGenerator<readonly FocusRow[]> {
    for (const day of days) {
      if (day.requests === day.unpriced) continue;
      const parts = Math.ceil(day.requests / EVENTS_AT_ONCE);
      for (let part = 0; part < parts; part++) yield await sources.read(() => page(day, part, parts));
    }
  }
  const unpricedRequests = days.reduce((sum, day) => sum + day.unpriced, 0);
  return { range, timezone: 'UTC', pages: pages(), unpricedRequests };
}

function focusRange(asked: Pick<FocusExport, 'from' | 'to'>, now: number): Interval {
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  const date = new Date(now);
  const from =
    asked.from === undefined
      ? Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
      : Date.parse(asked.from);
  const to = (asked.to === undefined ? today : Date.parse(asked.to)) + DAY_MS;
  if (from >= to) {
    throw asked.to === undefined
      ? refuseParameter('from', 'must not lie after today')
      : refuseParameter('to', 'must not lie before from');
  }
  if (to - from > MAX_EXPORT_DAYS * DAY_MS) {
    throw refuseParameter('from', `must lie at most ${MAX_EXPORT_DAYS} days before to: take several files`);
  }
  return { from, to };
}

/** The tenant with the latest watermark, among those that had events on partly deleted days. */
function goneFrom(days: readonly DayCount[], tenants: readonly ScopedTenant[], range: Interval) {
  return leastKept(
    markedIn(tenants, range).filter(({ id, eventsFrom }) =>
      days.some(({ tenant, day }) => tenant === id && day < eventsFrom),
    ),
  );
}
