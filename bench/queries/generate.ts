/** Made-up events, by SQL alone: 90 days, 50 tenants of uneven size, attribution that hangs together. */
import type pg from 'pg';
import { createPartitionTables, type Month } from '../../packages/server/src/db/schema/partitions.ts';
import { ofTable, storedSql } from '../../packages/server/src/ledger/kept-as-null.ts';
import { latencyUsSql } from '../../packages/server/src/ledger/latency.ts';
import { STORED_MEASURES } from '../../packages/server/src/ledger/measures.ts';
import { KEPT_HASH_BYTES } from '../../packages/server/src/ledger/writing/event-id-store.ts';
import { MODELS, VARIANTS } from './shapes.ts';

export const DAYS = 90;
export const TENANTS = 50;
/** The first moment after the events; they end here as if it were now. */
export const END = Date.UTC(2026, 10, 22, 14, 7, 13);
const DAY_MS = 86_400_000;
export const BEGIN = END - DAYS * DAY_MS;

/** Tenant by rank of size, from 1: `t01`. */
export const tenantName = (rank: number): string => `t${String(rank).padStart(2, '0')}`;

/** Most tenants report in UTC, some in Berlin, a few in New York. */
const zoneOf = (rank: number): string => {
  if (rank % 10 <= 6) return 'UTC';
  return rank % 10 === 9 ? 'America/New_York' : 'Europe/Berlin';
};

/** Tenants, agents, partitions. */
export async function prepare(client: pg.Client): Promise<void> {
  const ranks = Array.from({ length: TENANTS }, (_, index) => index + 1);
  await asOperator(client, async () => {
    await client.query(
      'insert into tenants (id, name, time_zone) select * from unnest($1::text[], $1::text[], $2::text[])',
      [ranks.map(tenantName), ranks.map(zoneOf)],
    );
    await client.query(
      `insert into agents (tenant_id, name)
       select t, 'agent-' || a from unnest($1::text[]) t cross join generate_series(0, 11) a`,
      [ranks.map(tenantName)],
    );
  });
  const months = new Set<Month>();
  for (let at = BEGIN; at < END; at += DAY_MS) months.add(new Date(at).toISOString().slice(0, 7) as Month);
  months.add(new Date(END).toISOString().slice(0, 7) as Month);
  await client.query('begin');
  await createPartitionTables(client, [...months].sort());
  await client.query('commit');
}

/** Under row-level security only the roles of the ledger see rows; the owner does not. */
export async function asOperator(client: pg.Client, work: () => Promise<void>): Promise<void> {
  await client.query("begin; set local role farthing_operator; set local work_mem = '1GB'");
  await work();
  await client.query('commit');
}

/**
 * One chunk of events, spread evenly over `[from, to)`, the same for the same seed; they are in the temporary table
 * `made` until the transaction ends, for the rollups.
 *
 * Tenants follow Zipf's law. Work comes in runs of workflows, each twenty minutes or longer, more of them at a time the
 * larger the tenant. A run has one of 12 agents, of 40 projects (which decide the environment and the tag `team`), a
 * user and a customer; an agent mostly calls two of 20 models. A tenth of the runs has no agent, a fifth no user, a
 * third no tags. 1 % of the events is unpriced, 2 % failed.
 */
export async function generateEvents(
  client: pg.Client,
  chunk: { readonly from: number; readonly to: number; readonly events: number; readonly seed: number },
): Promise<void> {
  await client.query('select setseed($1)', [(chunk.seed % 1000) / 1000]);
  const times = [new Date(chunk.from).toISOString(), new Date(chunk.to).toISOString()];
  await client.query(MADE, [...times, chunk.events, TENANTS, chunk.seed, MODELS]);
  await client.query(insertEvents(await documentColumns(client)));
  await client.query(
    `insert into event_ids (tenant_id, id, event_time, content_hash)
     select tenant_id, id, event_time, substring(decode(md5(id), 'hex') for ${KEPT_HASH_BYTES}) from made`,
  );
}

/** `offset 0`: what a step has worked out is not worked out again wherever it is used. */
const MADE = `
  create temporary table made on commit drop as
  with sizes as materialized (
    select array_agg(upto order by k) as upto from (
      select k, (sum(1.0 / k) over (order by k) / sum(1.0 / k) over ())::float8 as upto from generate_series(1, $4::int) k) s
  ), drawn as (
    select n, $1::timestamptz + ($2::timestamptz - $1::timestamptz) * ((n + random()) / $3::int) as event_time,
           least($4::int, 1 + width_bucket(random(), (select upto from sizes))) as tenant,
           random() as a, random() as b, random() as c, random() as d
      from generate_series(0, $3::int - 1) n
  ), placed as (
    select *, 'wf-' || extract(epoch from event_time)::bigint / (1200 * tenant) || '-' || tenant || '-'
                   || floor(ceil(12.0 / tenant) * a) as workflow from drawn offset 0
  ), hashed as (
    select *, hashtext(workflow) & 1073741823 as h from placed offset 0
  ), named as (
    select *, h % 12 as agent, ((h % 12) * 3 + (h / 12) % 4) % 40 as project, ((h % 12) * 2 + floor(2.1 * b)::int) % 20 as model,
           floor(least(3000, 30000 / tenant) * ((h / 48 % 1000) / 1000.0::float8) ^ 3)::int as person
      from hashed offset 0
  )
  select 't' || lpad(tenant::text, 2, '0') as tenant_id,
         lpad(to_hex(extract(epoch from event_time)::bigint), 12, '0') || '-' || lpad(to_hex($5::int), 6, '0') || '-'
           || lpad(to_hex(n), 16, '0') as id,
         event_time, (array['openai', 'anthropic', 'google', 'mistral'])[1 + model % 4] as provider,
         ($6::text[])[1 + model] as model, case when model = 19 then 'embedding' else 'chat' end as operation,
         case when c > 0.98 then 'error' else 'ok' end as status, 'project-' || project as project,
         (array['production', 'production', 'staging', 'development'])[1 + project % 4] as environment,
         case when h % 10 <> 0 then 'agent-' || agent end as agent,
         case when h % 5 <> 1 then 'user-' || person end as user_id, workflow, 'step-' || floor(5 * d) as task,
         case when h % 3 <> 2 then jsonb_build_object('team', 'team-' || project % 8, 'feature', 'feature-' || agent,
                                                      'customer', 'customer-' || person % 200) end as tags,
         case when b < 0.98 then 80 + 4000 * c * c + 200 * a end as latency_ms,
         model * ${VARIANTS} + floor(${VARIANTS} * d)::int as shape
    from named`;

/** Columns of an event that are its own; all others come from the call that it looks like. */
const OWN_COLUMNS = [
  ...[
    'tenant_id',
    'id',
    'event_time',
    'provider',
    'model',
    'operation',
    'status',
    'project',
    'environment',
    'agent',
  ],
  ...['user_id', 'workflow', 'task', 'latency_ms', 'tags'],
];
const MADE_COLUMNS: { readonly [column: string]: string } = {
  received_at: 'm.event_time',
  request_id: "'req-' || m.id",
  response_id: "'resp-' || m.id",
};

async function documentColumns(client: pg.Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select attname as name from pg_attribute
      where attrelid = 'usage_events'::regclass and attnum > 0 and not attisdropped order by attnum`,
  );
  const made = new Set([...OWN_COLUMNS, ...Object.keys(MADE_COLUMNS)]);
  return rows.map(({ name }) => name).filter((name) => !made.has(name));
}

function insertEvents(documents: readonly string[]): string {
  const names = [...OWN_COLUMNS, ...Object.keys(MADE_COLUMNS), ...documents];
  const values = [
    ...OWN_COLUMNS.map((column) => `m.${column}`),
    ...Object.values(MADE_COLUMNS),
    ...documents.map((column) => `s.${column}`),
  ];
  return `insert into usage_events (${names.join(', ')}) select ${values.join(', ')} from made m join shapes s using (shape)`;
}

/** The numbers of the chunk, for the rollups. */
export const MADE_NUMBERS = `(
  select m.*, ${STORED_MEASURES.map(({ column }) => `${storedSql(column, ofTable('s'))} as ${column}`).join(', ')}, ${latencyUsSql('m.latency_ms')} as us
    from made m join shapes s using (shape))`;
