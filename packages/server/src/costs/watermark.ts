/**
 * Below a tenant's watermark single events are deleted and only sums are left. A query that needs events from there is
 * refused, or they are left out of a comparison; it is never answered too low.
 */

import { startOfNext } from '../clock/buckets.ts';
import { isDayStart } from '../clock/days.ts';
import type { ScopedTenant } from './scoped-tenant.ts';

/** From when on every one of these tenants has its events, Unix milliseconds; null: all are there. */
export function eventsFrom(tenants: readonly ScopedTenant[]): number | null {
  const marks = tenants.flatMap((tenant) => (tenant.eventsFrom === null ? [] : [tenant.eventsFrom]));
  return marks.length === 0 ? null : Math.max(...marks);
}

/** The first day of a zone that lies behind an instant whole: the first that is kept, at a watermark. */
export const firstWholeDay = (at: number, timezone: string): number =>
  isDayStart(at, timezone) ? at : startOfNext('day', at, timezone);
