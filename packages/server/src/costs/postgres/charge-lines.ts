/** One tenant's UTC day as groups of equal charge lines, summed in the database. */
import type { Interval } from '../../clock/interval.ts';
import { DAY_MS } from '../../clock/lengths.ts';
import type { Tx } from '../../db/database.ts';
import { USUAL_TEXTS } from '../../ledger/kept-as-null.ts';
import type { DayCount, DayQuery, LineGroup } from '../charge-lines.ts';
import type { ScopedTenant } from '../scoped-tenant.ts';

/** Lines of priced events that have an amount. The groups of a part are complete: parts are cut by what groups share. */
export async function readChargeLines(tx: Tx, query: DayQuery): Promise<readonly LineGroup[]> {
  const { tenant, day, split, thresholds, marginalCards, part, parts } = query;
  const user = split.includes('user') ? 'e.user_id' : 'null::text';
  const workflow = split.includes('workflow') ? 'e.workflow' : 'null::text';
  const shared = `e.provider, e.model, e.operation, ${USUAL_TEXTS.service_tier} as tier, e.project, e.environment, e.agent,
                  ${user} as "user", ${workflow} as workflow, e.tags`;
  const { rows } = await tx.query<LineGroup>(
    `with events as (
       select ${shared}, said ->> 'speed' as speed, said ->> 'region' as region, e.event_time,
              said -> 'segments' as segments, charge_of(e) as charge
         from usage_events e cross join lateral usage_of(e) said
        where e.tenant_id = $1 and e.event_time >= $2::timestamptz and e.event_time < $3::timestamptz
          and e.total_cost is not null
          and ($7::int = 1 or mod(hash_record_extended(row(e.provider, e.model, e.operation, ${USUAL_TEXTS.service_tier},
                 e.project, e.environment, e.agent, ${user}, ${workflow}, e.tags), 0) & 9223372036854775807, $7::int) = $6::int)),
     lines as (
       select e.*, line ->> 0 as meter, line ->> 2 as rate, line ->> 3 as per, line ->> 5 as card_id,
              line ->> 9 as step, coalesce(segment ->> 'model', e.model) as priced_model,
              (line ->> 1)::numeric as quantity, coalesce(line ->> 10, line ->> 1)::numeric as billed,
              (line ->> 4)::numeric as amount, (segment ->> 'contextTokens')::numeric as context_tokens
         from events e
        cross join lateral jsonb_array_elements(e.charge) line
        cross join lateral (select e.segments -> coalesce((line ->> 6)::int, 0) as segment) s
        where line ->> 4 is not null)
     select provider, model, operation, tier, speed, region, project, environment, agent, "user", workflow, tags,
            meter, rate, per, card_id, step, priced_model, each_billed::text as each_billed,
            count(*)::int as lines, sum(quantity)::text as quantity, sum(billed)::text as billed,
            sum(amount)::text as amount, min(event_time) as first_time, min(context_tokens)::text as context_tokens
       from (select l.*,
                    case when card_id = any($5::text[]) then billed end as each_billed,
                    case when cardinality($4::numeric[]) = 0 then 0
                         else width_bucket(coalesce(context_tokens, 0), $4::numeric[]) end as context_class
               from lines l) l
      group by provider, model, operation, tier, speed, region, project, environment, agent, "user", workflow, tags,
               meter, rate, per, card_id, step, priced_model, each_billed, context_class
      order by provider, model, meter, operation, tier, project nulls first, environment nulls first,
               agent nulls first, "user" nulls first, workflow nulls first, tags, rate, step, first_time`,
    [
      tenant,
      new Date(day).toISOString(),
      new Date(day + DAY_MS).toISOString(),
      [...thresholds],
      [...marginalCards],
      part,
      parts,
    ],
  );
  return rows;
}

/** The days of [from, to) with events, by their sums; `tenants` in their order. */
export async function countDays(
  tx: Tx,
  tenants: readonly ScopedTenant[],
  { from, to }: Interval,
): Promise<readonly DayCount[]> {
  const { rows } = await tx.query<{ tenant: string; day: Date; requests: string; unpriced: string }>(
    `select r.tenant_id as tenant, date_trunc('day', r.bucket, 'UTC') as day, sum(r.requests)::text as requests,
            coalesce(sum(r.unpriced_requests), 0)::text as unpriced
       from unnest($1::text[]) as wanted (tenant)
       join rollups_15m r on r.tenant_id = wanted.tenant and r.dimension = 'all'
        and r.bucket >= $2::timestamptz and r.bucket < $3::timestamptz
      group by 1, 2 order by r.tenant_id collate "C", 2`,
    [tenants.map(({ id }) => id), new Date(from).toISOString(), new Date(to).toISOString()],
  );
  return rows.map((row) => ({
    tenant: row.tenant,
    day: row.day.getTime(),
    requests: Number(row.requests),
    unpriced: Number(row.unpriced),
  }));
}
