/** The ledger's invariants as queries: what must hold at every moment between two transactions. */
import type { Database } from '../../packages/server/src/db/database.ts';
import { ROLLUP_DIMENSIONS } from '../../packages/server/src/rollups/dimensions.ts';

const SUMS = [
  'requests',
  'errors',
  'unpriced_requests',
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'reasoning_tokens',
  'input_cost',
  'output_cost',
  'other_cost',
  'total_cost',
];

const VALUE_COLUMNS: { readonly [dimension: string]: string } = {
  all: "''",
  agent: "coalesce(agent, '')",
  project: "coalesce(project, '')",
  user: "coalesce(user_id, '')",
};

/**
 * Sentences about what is wrong; none when the ledger is whole.
 * I1: every id has exactly one event and every event its id. I3: Σ events = Σ rollups in every bucket and dimension,
 * to the picodollar. I8: the lines of a charge add up to it.
 */
export async function brokenInvariants(database: Database): Promise<string[]> {
  return database.asOperator(async (tx) => {
    const broken: string[] = [];
    const count = async (what: string, sql: string) => {
      const { rows } = await tx.query<{ n: string }>(sql);
      if (rows[0]?.n !== '0') broken.push(`${rows[0]?.n} ${what}`);
    };
    await count(
      'ids without exactly one event, or events without their id',
      `select count(*) as n from event_ids i full join usage_events e
         on e.tenant_id = i.tenant_id and e.id = i.id and e.event_time = i.event_time
       where i.id is null or e.id is null`,
    );
    await count(
      'ids with more than one event',
      'select count(*) as n from (select 1 from usage_events group by tenant_id, id having count(*) > 1) twice',
    );
    await count(
      'charges whose lines do not add up',
      `select count(*) as n from usage_events e where e.input_cost + e.output_cost + e.other_cost is distinct from
         (select coalesce(sum((line ->> 4)::numeric), 0) from jsonb_array_elements(e.charge) line)
         or (e.total_cost is not null and e.total_cost <> e.input_cost + e.output_cost + e.other_cost)`,
    );
    for (const { name } of ROLLUP_DIMENSIONS) {
      const value = VALUE_COLUMNS[name];
      if (value === undefined)
        throw new Error(`Tell this check which column dimension "${name}" stands for.`);
      const quarter = "date_bin('15 minutes', event_time, timestamptz '2000-01-01 00:00Z')";
      await count(`differences in rollups_15m by ${name}`, difference('rollups_15m', name, quarter, value));
      const day = '(event_time at time zone t.time_zone)::date';
      await count(`differences in rollups_day by ${name}`, difference('rollups_day', name, day, value));
    }
    return broken;
  });
}

function difference(table: string, dimension: string, bucket: string, value: string): string {
  const priced = (column: string) => `coalesce(sum(${column}) filter (where total_cost is not null), 0)`;
  return `
    with wanted as (
      select e.tenant_id, ${bucket} as bucket, ${value} as value, provider, model, operation,
             count(*) as requests, count(*) filter (where status <> 'ok') as errors,
             count(*) filter (where total_cost is null) as unpriced_requests,
             sum(input_tokens) as input_tokens, sum(output_tokens) as output_tokens,
             sum(cache_read_tokens) as cache_read_tokens, sum(cache_write_tokens) as cache_write_tokens,
             sum(reasoning_tokens) as reasoning_tokens,
             ${priced('input_cost')} as input_cost, ${priced('output_cost')} as output_cost,
             ${priced('other_cost')} as other_cost, ${priced('total_cost')} as total_cost
        from usage_events e join tenants t on t.id = e.tenant_id
       group by 1, 2, 3, 4, 5, 6
    ), kept as (
      select * from ${table} where dimension = '${dimension}'
         and (${SUMS.map((sum) => `${sum} <> 0`).join(' or ')})
    )
    select count(*) as n from wanted full join kept using (tenant_id, bucket, value, provider, model, operation)
     where ${SUMS.map((sum) => `wanted.${sum} is distinct from kept.${sum}`).join(' or ')}`;
}
