/** Says no where a file of single events would be short: what lies below a watermark is not kept any more. */
import { AppError } from '@farthing/contract';
import { dayOf, isDayStart, QUARTER_HOUR_MS, startOfNext } from '../insights/calendar.ts';
import type { InsightScope } from '../insights/scope.ts';
import type { Interval } from '../insights/time-range.ts';

/** A `past_retention` that names the first day there is. @example throw pastRetention('acme', '2026-11-12'); */
export function pastRetention(tenant: string, first: string): AppError {
  return new AppError(
    'past_retention',
    `from: the events of ${tenant} before ${first} are not kept any more; ask with from=${first} or later; their sums are in /api/exports/costs.`,
    { details: [{ path: 'from', message: `must not lie before ${first}` }] },
  );
}

/**
 * Refuses a range in which a tenant of the scope had events that are gone, by its sums. Of several tenants the one that
 * keeps least is named, so that asking from its first day on is answered. Days are those of the zone.
 */
export async function requireEventsKept(
  { tx, tenants }: Pick<InsightScope, 'tx' | 'tenants'>,
  range: Interval,
  timezone: string,
): Promise<void> {
  const marked = tenants.flatMap(({ id, eventsFrom }) =>
    eventsFrom === null || eventsFrom <= range.from ? [] : [{ id, eventsFrom }],
  );
  if (marked.length === 0) return;
  const { rows } = await tx.query<{ tenant: string }>(
    `select wanted.tenant
       from unnest($1::text[], $2::timestamptz[]) as wanted (tenant, until)
      where exists (select from rollups_15m r
                     where r.tenant_id = wanted.tenant and r.dimension = 'all' and r.requests <> 0
                       and r.bucket >= $3::timestamptz and r.bucket < wanted.until)`,
    [
      marked.map(({ id }) => id),
      marked.map(({ eventsFrom }) => new Date(Math.min(eventsFrom, range.to)).toISOString()),
      new Date(Math.floor(range.from / QUARTER_HOUR_MS) * QUARTER_HOUR_MS).toISOString(),
    ],
  );
  const gone = new Set(rows.map(({ tenant }) => tenant));
  const [least] = marked.filter(({ id }) => gone.has(id)).sort((a, b) => b.eventsFrom - a.eventsFrom);
  if (least !== undefined) throw pastRetention(least.id, firstWholeDay(least.eventsFrom, timezone));
}

const firstWholeDay = (at: number, timezone: string): string =>
  dayOf(isDayStart(at, timezone) ? at : startOfNext('day', at, timezone), timezone);
