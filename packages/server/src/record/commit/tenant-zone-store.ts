/** Tenants as the write path needs them: in which zone an event counts for a day, and from when on events are kept. */
import type { Tx } from '../../db/database.ts';

const FRESH_MS = 60_000;

export interface TenantZones {
  /** Answers for every tenant that exists; absent = unknown tenant. */
  of(tx: Tx, tenants: Iterable<string>): Promise<ReadonlyMap<string, string>>;
  /**
   * The watermark (Unix ms) of a tenant for which `of` has just been called; null = every event is kept. At most a
   * minute late: nothing below a watermark is deleted before every process knows it.
   */
  eventsFrom(tenant: string): number | null;
}

/**
 * Asks the database for tenants it has not seen within the last minute. `elapsed`: milliseconds of a clock that only goes
 * forward; by the time of day, a watermark could be hours late after the clock was set back.
 */
export function createTenantZones(elapsed: () => number = () => performance.now()): TenantZones {
  const known = new Map<
    string,
    { readonly zone: string; readonly from: number | null; readonly at: number }
  >();
  return {
    async of(tx, tenants) {
      const zones = new Map<string, string>();
      const asked: string[] = [];
      for (const tenant of new Set(tenants)) {
        const entry = known.get(tenant);
        if (entry !== undefined && elapsed() - entry.at < FRESH_MS) zones.set(tenant, entry.zone);
        else asked.push(tenant);
      }
      if (asked.length > 0) {
        const { rows } = await tx.query<{ id: string; time_zone: string; events_from: Date | null }>(
          {
            name: 'tenant_zones',
            text: 'select id, time_zone, events_from from tenants where id = any($1::text[])',
          },
          [asked],
        );
        for (const row of rows) {
          known.set(row.id, { zone: row.time_zone, from: row.events_from?.getTime() ?? null, at: elapsed() });
          zones.set(row.id, row.time_zone);
        }
      }
      return zones;
    },
    eventsFrom: (tenant) => known.get(tenant)?.from ?? null,
  };
}
