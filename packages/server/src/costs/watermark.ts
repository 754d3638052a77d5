/**
 * Below a tenant's watermark single events have been let go of and sums alone are the record: what only events could
 * answer there is refused, or left out of a comparison, instead of being answered too low.
 */

import { startOfNext } from '../clock/buckets.ts';
import { isDayStart } from '../clock/days.ts';
import { refuseParameter } from '../parameters/refuse.ts';
import type { Piece } from './postgres/cover.ts';
import type { ScopedTenant } from './scope.ts';

/** From when on every one of these tenants has its events, Unix milliseconds; null: all are there. */
export function eventsFrom(tenants: readonly ScopedTenant[]): number | null {
  const marks = tenants.flatMap((tenant) => (tenant.eventsFrom === null ? [] : [tenant.eventsFrom]));
  return marks.length === 0 ? null : Math.max(...marks);
}

/** The first day of a zone that lies behind an instant whole: the first that is kept, at a watermark. */
export const firstWholeDay = (at: number, timezone: string): number =>
  isDayStart(at, timezone) ? at : startOfNext('day', at, timezone);

/** The pieces that would read events which are gone. */
export function gonePieces(pieces: readonly Piece[], tenants: readonly ScopedTenant[]): readonly Piece[] {
  const marks = new Map(tenants.map((tenant) => [tenant.id, tenant.eventsFrom]));
  return pieces.filter(
    ({ source, from, tenants: ids }) =>
      source === 'usage_events' && ids.some((id) => from < (marks.get(id) ?? from)),
  );
}

/** Why a range cannot be answered. `ragged`: only its ends, which cut a quarter hour, need single events. */
export function refuseGone(tenants: readonly ScopedTenant[], ragged: boolean) {
  const since = new Date(eventsFrom(tenants) ?? 0).toISOString();
  return refuseParameter(
    'from',
    ragged
      ? `single events are kept from ${since} on: before it a range begins, ends and is cut on quarter hours`
      : `this is answered from single events, which are kept from ${since} on: begin there or later, or ask by one dimension`,
  );
}
