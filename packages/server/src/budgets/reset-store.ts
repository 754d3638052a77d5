/** Keeps resets valid when prices are corrected: the spend that was reset stays reset, at its corrected cost. */
import { printUsd } from '@farthing/pricing';
import type { Tx } from '../db/database.ts';

/** An event whose cost was corrected. */
export interface CostCorrection {
  readonly tenant: string;
  readonly id: string;
  /** Its own, Unix milliseconds. */
  readonly time: number;
  readonly agent: string | null;
  /** The new cost less the old one, picos; an unknown cost counts as nothing. */
  readonly differencePicos: bigint;
}

/**
 * Corrects the sums stored with a reset when events recorded before it are corrected. Events recorded after the reset
 * count against the limit, and so do their corrections.
 */
export async function correctResets(tx: Tx, corrections: readonly CostCorrection[]): Promise<void> {
  const moved = corrections.filter(({ agent, differencePicos }) => agent !== null && differencePicos !== 0n);
  if (moved.length === 0) return;
  await tx.query(
    {
      name: 'correct_resets',
      // Locked first and read afterwards, so that a concurrent reset is waited for.
      text: `with moved as (
               select * from unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::numeric[])
                   as m(tenant, id, time, agent, difference)
             ), locked as materialized (
               select tenant_id, name, spend_reset_at, spend_reset_month from agents
                where (tenant_id, name) in (select tenant, agent from moved) order by tenant_id, name for update
             ), sums as (
               select l.tenant_id, l.name, sum(m.difference) as difference
                 from locked l
                 join tenants t on t.id = l.tenant_id
                 join moved m on m.tenant = l.tenant_id and m.agent = l.name
                 join usage_events e on e.tenant_id = m.tenant and e.event_time = m.time and e.id = m.id
                where e.received_at <= l.spend_reset_at
                  and date_trunc('month', m.time at time zone t.time_zone)::date = l.spend_reset_month
                group by l.tenant_id, l.name
             )
             update agents a set spend_reset_cost_usd = a.spend_reset_cost_usd + s.difference
               from sums s where a.tenant_id = s.tenant_id and a.name = s.name`,
    },
    [
      moved.map(({ tenant }) => tenant),
      moved.map(({ id }) => id),
      moved.map(({ time }) => new Date(time)),
      moved.map(({ agent }) => agent),
      moved.map(({ differencePicos }) => printUsd(differencePicos)),
    ],
  );
}
