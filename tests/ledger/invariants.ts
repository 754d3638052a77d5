/** The ledger's invariants as queries: what must hold at every moment between two transactions. */
import type { Database } from '../../packages/server/src/db/database.ts';
import { LATENCY_BINS, LATENCY_EDGES_SQL, latencyUsSql } from '../../packages/server/src/ledger/latency.ts';

const COUNTS = {
  requests: 'count(*)',
  errors: "count(*) filter (where status <> 'ok')",
  unpriced_requests: 'count(*) filter (where total_cost is null)',
  input_tokens: 'sum(input_tokens)',
  output_tokens: 'sum(output_tokens)',
  cache_read_tokens: 'coalesce(sum(cache_read_tokens), 0)',
  cache_write_tokens: 'coalesce(sum(cache_write_tokens), 0)',
  reasoning_tokens: 'coalesce(sum(reasoning_tokens), 0)',
  timed_requests: 'count(latency_ms)',
  latency_us: `coalesce(sum(${latencyUsSql('latency_ms')}), 0)`,
};

const COSTS = [
  'input_cost',
  'output_cost',
  'other_cost',
  'total_cost',
  'cache_read_cost',
  'cache_write_cost',
  'reasoning_cost',
  'list_cost',
];

const BINS = Object.fromEntries(
  Array.from({ length: LATENCY_BINS }, (_, bin) => [
    `l${String(bin).padStart(2, '0')}`,
    `count(*) filter (where width_bucket(${latencyUsSql('latency_ms')}, ${LATENCY_EDGES_SQL}) = ${bin + 1})`,
  ]),
);

/** What null stands for in a column of a rollup, where that is not 0. */
const NULLS: { readonly [column: string]: string } = {
  timed_requests: 'requests',
  list_cost: 'total_cost',
  input_cost: 'total_cost - output_cost - coalesce(other_cost, 0)',
};

/** Every column of a rollup as a sum over events. */
const SUMS: { readonly [column: string]: string } = {
  ...COUNTS,
  ...Object.fromEntries(
    COSTS.map((cost) => [cost, `coalesce(sum(${cost}) filter (where total_cost is not null), 0)`]),
  ),
  ...BINS,
};

/**
 * In which dimensions an event is, and with which value; not in those where it has no value. Dimensions that begin
 * with `total` do not distinguish provider, model and operation.
 */
const PLACES = `
  select 'all' as dimension, '' as value
  union all select 'total', ''
  union all select 'project', project where project <> ''
  union all select 'environment', environment where environment <> ''
  union all select 'agent', agent where agent <> ''
  union all select 'api_key', api_key_id::text where api_key_id is not null
  union all select 'user', user_id where user_id <> ''
  union all select 'workflow', workflow where workflow <> ''
  union all select 'tag.' || tag.key, tag.value from jsonb_each_text(tags) tag where tag.value <> ''`;

/** Days have totals of these too. */
const DAY_PLACES = `
  select * from (${PLACES}) places
  union all select 'total.' || dimension, value from (${PLACES}) places
   where dimension in ('project', 'environment', 'agent', 'api_key') or dimension like 'tag.%'`;

/** A column of the key; `''` in totals over all of its values. */
const told = (column: string) =>
  `case when dimension = 'total' or dimension like 'total.%' then '' else ${column} end`;

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
      `select count(*) as n from usage_events e where e.input_cost + e.output_cost + coalesce(e.other_cost, 0) is distinct from
         (select coalesce(sum((line ->> 4)::numeric), 0) from jsonb_array_elements(charge_of(e)) line)
         or (e.total_cost is not null and e.total_cost <> e.input_cost + e.output_cost + coalesce(e.other_cost, 0))`,
    );
    await count(
      'costs of cache or reasoning that are not those of their lines',
      `select count(*) as n from usage_events e cross join lateral (
         select coalesce(sum(amount) filter (where meter like '%cache_read'), 0) as read,
                coalesce(sum(amount) filter (where meter like 'input_cache_write%'), 0) as written,
                coalesce(sum(amount) filter (where meter = 'output_reasoning'), 0) as reasoning
           from (select line ->> 0 as meter, (line ->> 4)::numeric as amount
                   from jsonb_array_elements(charge_of(e)) line) lines) parts
        where (coalesce(cache_read_cost, 0), coalesce(cache_write_cost, 0), coalesce(reasoning_cost, 0)) <> (read, written, reasoning)`,
    );
    const quarter = "date_bin('15 minutes', event_time, timestamptz '2000-01-01 00:00Z')";
    const day = '(event_time at time zone t.time_zone)::date';
    for (const [table, bucket] of [
      ['rollups_15m', quarter],
      ['rollups_day', day],
    ] as const) {
      const places = table === 'rollups_day' ? DAY_PLACES : PLACES;
      const { rows } = await tx.query<{ dimension: string; n: string }>(differences(table, bucket, places));
      for (const { dimension, n } of rows) broken.push(`${n} differences in ${table} by ${dimension}`);
    }
    return broken;
  });
}

function differences(table: string, bucket: string, places: string): string {
  const kept = Object.keys(SUMS).map((column) => `coalesce(${column}, ${NULLS[column] ?? '0'}) as ${column}`);
  return `
    with wanted as (
      select e.tenant_id, dimension, ${bucket} as bucket, value, ${told('provider')} as provider,
             ${told('model')} as model, ${told('operation')} as operation,
             ${Object.entries(SUMS).map(([column, sum]) => `${sum} as ${column}`)}
        from usage_events e join tenants t on t.id = e.tenant_id cross join lateral (${places}) places
       group by 1, 2, 3, 4, 5, 6, 7
    ), kept as (
      select tenant_id, dimension, bucket, value, provider, model, operation, ${kept.join(', ')} from ${table}
       where ${Object.keys(SUMS)
         .map((column) => `coalesce(${column}, 0) <> 0`)
         .join(' or ')}
    )
    select dimension, count(*) as n from wanted
      full join kept using (tenant_id, dimension, bucket, value, provider, model, operation)
     where ${Object.keys(SUMS)
       .map((column) => `wanted.${column} is distinct from kept.${column}`)
       .join(' or ')}
     group by 1 order by 1`;
}
