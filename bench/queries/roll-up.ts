/** The rollups of generated events, by SQL: row for row what the write path would have stored. */
import type pg from 'pg';
import { asOperator, MADE_NUMBERS } from './generate.ts';

const BINS = Array.from({ length: 40 }, (_, bin) => `l${String(bin).padStart(2, '0')}`);
const KEYS = 'tenant_id, dimension, bucket, value, provider, model, operation';

/**
 * How each sum is made of the events of `made`; what is not named is 0 in all of them. Counts are int4 as long as they are
 * small: adding those up is several times faster.
 */
const SUMS: { readonly [column: string]: string } = {
  requests: 'count(*)::int4',
  errors: "(count(*) filter (where status <> 'ok'))::int4",
  unpriced_requests: '(count(*) filter (where total_cost is null))::int4',
  input_tokens: 'sum(input_tokens)::int4',
  output_tokens: 'sum(output_tokens)::int4',
  cache_read_tokens: 'sum(cache_read_tokens)::int4',
  cache_write_tokens: '0',
  reasoning_tokens: '0',
  timed_requests: 'count(us)::int4',
  latency_us: 'coalesce(sum(us), 0)::int8',
  input_cost: 'sum(input_cost)',
  output_cost: 'sum(output_cost)',
  other_cost: '0::numeric',
  total_cost: 'coalesce(sum(total_cost), 0)',
  cache_read_cost: 'sum(cache_read_cost)',
  list_cost: 'coalesce(sum(list_cost), 0)',
  ...Object.fromEntries(
    BINS.map((name, bin) => [name, `nullif(count(*) filter (where bin = ${bin}), 0)::int4`]),
  ),
};
const COLUMNS = Object.keys(SUMS).join(', ');
const isSmall = (column: string) => !column.endsWith('_cost') && column !== 'latency_us';
const ADDED = Object.keys(SUMS)
  .map((column) => `sum(${column}${isSmall(column) ? '::int4' : ''})`)
  .join(', ');

/** Each dimension that the events have, and its value. */
const VALUES: { readonly [dimension: string]: string } = {
  all: "''",
  project: 'project',
  environment: 'environment',
  agent: 'agent',
  user: 'user_id',
  workflow: 'workflow',
  'tag.team': "tags ->> 'team'",
  'tag.feature': "tags ->> 'feature'",
  'tag.customer': "tags ->> 'customer'",
};
const DIMENSIONS = Object.keys(VALUES);

/** Quarter hours of the chunk in `made`: first by everything at once, then by one dimension after the other. */
export async function rollUpQuarterHours(client: pg.Client): Promise<void> {
  const all = 'project, environment, agent, user_id, workflow, tags';
  await client.query(
    `create temporary table finest on commit drop as
     select tenant_id, date_bin('15 minutes', event_time, 'epoch') as bucket, provider, model, operation, ${all},
            ${Object.entries(SUMS)
              .map(([column, sql]) => `${sql} as ${column}`)
              .join(', ')}
       from ${MADE_NUMBERS} numbers cross join lateral (select latency_bin(us) as bin) placed
      group by tenant_id, 2, provider, model, operation, ${all}`,
  );
  for (const [dimension, value] of Object.entries(VALUES)) {
    await client.query(
      `insert into rollups_15m (${KEYS}, ${COLUMNS})
       select tenant_id, '${dimension}', bucket, ${value}, provider, model, operation, ${ADDED}
         from finest where ${value} is not null
        group by tenant_id, bucket, ${dimension === 'all' ? '' : `${value}, `}provider, model, operation
        order by tenant_id, bucket`,
    );
  }
}

/** Days of every tenant, from the quarter hours; one local day of one zone at a time, since memory is bounded. */
export async function rollUpDays(client: pg.Client, from: number, to: number): Promise<void> {
  for (const { zone, day } of await localDays(client, from, to)) {
    await asOperator(client, async () => {
      await client.query(
        `insert into rollups_day (${KEYS}, ${COLUMNS})
         select tenant_id, r.dimension, $2::date, value, provider, model, operation, ${ADDED}
           from tenants t cross join unnest($3::text[]) d (dimension)
          cross join lateral (
            select * from rollups_15m r
             where r.tenant_id = t.id and r.dimension = d.dimension
               and bucket >= $2::timestamp at time zone $1 and bucket < ($2::timestamp + interval '1 day') at time zone $1
            offset 0) r
          where t.time_zone = $1
          group by tenant_id, r.dimension, value, provider, model, operation`,
        [zone, day, DIMENSIONS],
      );
    });
  }
}

async function localDays(client: pg.Client, from: number, to: number) {
  const days: { zone: string; day: string }[] = [];
  await asOperator(client, async () => {
    const { rows } = await client.query<{ zone: string; day: string }>(
      `select zone, at::date::text as day from (select distinct time_zone as zone from tenants) zones
        cross join generate_series(($1::timestamptz at time zone zone)::date,
                                   ($2::timestamptz at time zone zone)::date, interval '1 day') d (at)`,
      [new Date(from).toISOString(), new Date(to).toISOString()],
    );
    days.push(...rows);
  });
  return days;
}
