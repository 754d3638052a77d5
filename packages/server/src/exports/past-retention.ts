/** What becomes of a file whose range begins before a watermark: what lies there is not kept any more as single events. */
import { AppError } from '@farthing/contract';
import { dayOf } from '../clock/days.ts';
import type { Interval } from '../clock/interval.ts';
import type { CostScope } from '../costs/scope.ts';
import type { ScopedTenant } from '../costs/scoped-tenant.ts';
import { firstWholeDay } from '../costs/watermark.ts';
import type { AskedRange } from '../parameters/time-range.ts';

/** A tenant and the first instant that its events are kept from, Unix milliseconds. */
export interface Marked {
  readonly id: string;
  readonly eventsFrom: number;
}

/** A range, and whether it is all that would have been answered. */
export interface KeptRange extends Interval {
  /** The first day of the range where it was cut to what is kept; null: nothing was cut. */
  readonly keptFrom: string | null;
}

/**
 * Cuts a range whose beginning nobody asked for to the whole days, in the zone, that are kept. A beginning that was
 * asked for is refused, since the answer would be short of it; so is a range of which nothing is left.
 *
 * @example keptRange(thisMonth, {}, { id: 'acme', eventsFrom }, 'UTC') // { from, to, keptFrom: '2026-11-12' }
 */
export function keptRange(
  range: Interval,
  asked: AskedRange,
  least: Marked | null,
  timezone: string,
): KeptRange {
  if (least === null) return { from: range.from, to: range.to, keptFrom: null };
  const from = firstWholeDay(least.eventsFrom, timezone);
  const first = dayOf(from, timezone);
  if (asked.from !== undefined || from >= range.to) throw pastRetention(least.id, first);
  return { from, to: range.to, keptFrom: first };
}

/** The tenants whose watermark lies behind the beginning of a range. */
export const markedIn = (tenants: readonly ScopedTenant[], { from }: Interval): readonly Marked[] =>
  tenants.flatMap(({ id, eventsFrom }) =>
    eventsFrom === null || eventsFrom <= from ? [] : [{ id, eventsFrom }],
  );

/** Of several tenants the one that keeps least: from its first day on, all of them are answered. */
export const leastKept = (tenants: readonly Marked[]): Marked | null =>
  tenants.reduce<Marked | null>(
    (least, one) => (least === null || one.eventsFrom > least.eventsFrom ? one : least),
    null,
  );

/** The tenant of the scope that keeps least, of those that had events in the range which are gone, by its sums. */
export async function goneFrom({ costs, tenants }: CostScope, range: Interval): Promise<Marked | null> {
  const below = markedIn(tenants, range).map(({ id, eventsFrom }) => ({
    tenant: id,
    eventsFrom,
    from: range.from,
    to: Math.min(eventsFrom, range.to),
  }));
  const gone = await costs.stretchesWithCalls(below);
  return leastKept(gone.map(({ tenant, eventsFrom }) => ({ id: tenant, eventsFrom })));
}

function pastRetention(tenant: string, first: string): AppError {
  return new AppError(
    'past_retention',
    `from: the events of ${tenant} before ${first} are not kept any more; ask with from=${first} or later; their sums are in /api/exports/costs.`,
    { details: [{ path: 'from', message: `must not lie before ${first}` }] },
  );
}
