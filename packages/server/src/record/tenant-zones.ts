/** Reporting zones of tenants, as the write path needs them: which day an event counts for. */
import type { Tx } from '../db/database.ts';

const FRESH_MS = 60_000;

export interface TenantZones {
  /** Answers for every tenant that exists; absent = unknown tenant. */
  of(tx: Tx, tenants: Iterable<string>): Promise<ReadonlyMap<string, string>>;
}

/** Asks the database for tenants it has not seen within the last minute. */
export function createTenantZones(now: () => number): TenantZones {
  const known = new Map<string, { readonly zone: string; readonly at: number }>();
  return {
    async of(tx, tenants) {
      const zones = new Map<string, string>();
      const asked: string[] = [];
      for (const tenant of new Set(tenants)) {
        const entry = known.get(tenant);
        if (entry !== undefined && now() - entry.at < FRESH_MS) zones.set(tenant, entry.zone);
        else asked.push(tenant);
      }
      if (asked.length > 0) {
        const { rows } = await tx.query<{ id: string; time_zone: string }>(
          { name: 'tenant_zones', text: 'select id, time_zone from tenants where id = any($1::text[])' },
          [asked],
        );
        for (const row of rows) {
          known.set(row.id, { zone: row.time_zone, at: now() });
          zones.set(row.id, row.time_zone);
        }
      }
      return zones;
    },
  };
}
