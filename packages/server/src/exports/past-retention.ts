/** Handles an export whose range starts before a watermark, where single events are already deleted. */
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
  /** First day of the range after clipping it to the kept events; null: not clipped. */
  readonly keptFrom: string | null;
}

/**
 * Clips a range with a default start to the whole days, in the zone, that are kept. An explicit start before them is
 * refused, since the answer would be incomplete; so is a range with nothing left.
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

/** The tenants whose watermark is after the start of a range. */
export const markedIn = (tenants: readonly ScopedTenant[], { from }: Interval): readonly Marked[] =>
  tenants.flatMap(({ id, eventsFrom }) =>
    eventsFrom === null || eventsFrom <= from ? [] : [{ id, eventsFrom }],
  );

/** Of several tenants, the one with the latest watermark: from its first kept day on, all of them are complete. */
export const leastKept = (tenants: readonly Marked[]): Marked | null =>
  tenants.reduce<Marked | null>(
    (least, one) => (least === null || one.eventsFrom > least.eventsFrom ? one : least),
    null,
  );

/** The tenant with the latest watermark among those that, by their sums, had events in the deleted part of the range. */
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
