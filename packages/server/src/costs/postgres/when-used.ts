/** When there were calls at all, by the sums of all of them. */
import { quarterHour } from '../../clock/lengths.ts';
import type { Tx } from '../../db/database.ts';
import type { TenantStretch } from '../cost-store.ts';
import type { ScopedTenant } from '../scoped-tenant.ts';
import { queryPrepared } from './prepared.ts';

/** Day of the earliest event in its tenant's reporting zone; null without events. */
export async function readFirstDay(tx: Tx, tenants: readonly ScopedTenant[]): Promise<string | null> {
  const { rows } = await queryPrepared<{ since: string | null }>(
    tx,
    `select min(bucket) as since from unnest($1::text[]) as member (tenant) cross join lateral (
       select bucket from rollups_day where tenant_id = member.tenant and dimension = 'all'
        order by bucket limit 1) as first`,
    [tenants.map((tenant) => tenant.id)],
  );
  return rows[0]?.since ?? null;
}

/** The stretches with calls; where one begins within a quarter hour, that quarter hour counts. */
export async function stretchesWithCalls<S extends TenantStretch>(
  tx: Tx,
  stretches: readonly S[],
): Promise<readonly S[]> {
  if (stretches.length === 0) return [];
  const { rows } = await tx.query<{ position: number }>(
    `select position::int as position
       from unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) with ordinality
              as wanted (tenant, low, high, position)
      where exists (select from rollups_15m r
                     where r.tenant_id = wanted.tenant and r.dimension = 'all' and r.requests <> 0
                       and r.bucket >= wanted.low and r.bucket < wanted.high)`,
    [
      stretches.map(({ tenant }) => tenant),
      stretches.map(({ from }) => new Date(quarterHour(from)).toISOString()),
      stretches.map(({ to }) => new Date(to).toISOString()),
    ],
  );
  const found = new Set(rows.map(({ position }) => position - 1));
  return stretches.filter((_, index) => found.has(index));
}
