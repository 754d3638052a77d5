/**
 * Writes events and their rollups with plain SQL, independent of the write path: what reading tests compare with.
 */
import { randomUUID } from 'node:crypto';
import { printUsd } from '@farthing/pricing';
import type { Database } from '../../packages/server/src/db/database.ts';
import { createPartitions } from '../../packages/server/src/db/schema/partitions.ts';

/** The facts of an event that sums are made of; what is left out has a plain default. */
export interface SeedEvent {
  readonly tenant: string;
  readonly id: string;
  /** Unix milliseconds. */
  readonly time: number;
  readonly provider: string;
  readonly model: string;
  readonly operation: string;
  readonly status: 'ok' | 'error' | 'aborted';
  readonly agent: string | null;
  readonly project: string | null;
  readonly user: string | null;
  readonly workflow: string | null;
  readonly environment: string | null;
  /** A uuid. */
  readonly apiKey: string | null;
  readonly task: string | null;
  readonly session: string | null;
  readonly tags: { readonly [key: string]: string };
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  /** Null = unpriced. A quarter of it, rounded down, is output cost, the rest input cost, a third of that cache reads. */
  readonly costPicos: bigint | null;
  readonly latencyMs: number | null;
}

/** An event with defaults for everything but what is given. */
export function seedEvent(given: Partial<SeedEvent> & { readonly time: number }): SeedEvent {
  return {
    tenant: 'default',
    id: randomUUID(),
    provider: 'openai',
    model: 'gpt-5.2',
    operation: 'chat',
    status: 'ok',
    agent: null,
    project: null,
    user: null,
    workflow: null,
    environment: null,
    apiKey: null,
    task: null,
    session: null,
    tags: {},
    inputTokens: 100,
    outputTokens: 10,
    cacheReadTokens: 0,
    costPicos: 1_000_000n,
    latencyMs: null,
    ...given,
  };
}

export async function seedTenant(database: Database, id: string, zone = 'UTC'): Promise<void> {
  await database.asOperator((tx) =>
    tx.query(
      `insert into tenants (id, name, time_zone) values ($1, $1, $2)
       on conflict (id) do update set time_zone = excluded.time_zone`,
      [id, zone],
    ),
  );
}

/** Stores events, registers their agents, and adds them to both rollups. Each id may be seeded once. */
export async function seedEvents(database: Database, events: readonly SeedEvent[]): Promise<void> {
  await createPartitions(database).ensure(events.map((event) => event.time));
  await database.asOperator(async (tx) => {
    await tx.query(
      `create temporary table seeded on commit drop as
       select * from jsonb_to_recordset($1::jsonb) as seed (
         tenant_id text, id text, event_time timestamptz, provider text, model text, operation text, status text,
         agent text, project text, user_id text, workflow text, environment text, api_key_id uuid, task text,
         session text, tags jsonb, input_tokens bigint, output_tokens bigint, cache_read_tokens bigint,
         input_cost numeric, output_cost numeric, cache_read_cost numeric, total_cost numeric,
         latency_ms double precision)`,
      [JSON.stringify(events.map(toRow))],
    );
    await tx.query(`insert into event_ids (tenant_id, id, event_time, content_hash)
      select tenant_id, id, event_time, sha256(id::bytea) from seeded`);
    await tx.query(`insert into usage_events (tenant_id, id, event_time, door, provider, model, operation, status, agent,
        project, user_id, workflow, environment, api_key_id, task, session, tags, service_tier, input_tokens,
        output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, input_cost, output_cost, other_cost,
        cache_read_cost, total_cost, list_cost, usage_source, usage, charge, price_version, latency_ms)
      select tenant_id, id, event_time, 'api', provider, model, operation, status, agent, project, user_id, workflow,
        environment, api_key_id, task, session, tags, 'standard', input_tokens, output_tokens, cache_read_tokens, 0, 0,
        input_cost, output_cost, 0, cache_read_cost, total_cost, total_cost, 'reported', '{"segments": []}', '[]',
        'test', latency_ms
        from seeded`);
    await tx.query(`insert into agents (tenant_id, name) select distinct tenant_id, agent from seeded
      where agent is not null on conflict do nothing`);
    await rollUp(tx, 'rollups_15m', `date_bin('15 minutes', event_time, 'epoch')`);
    await rollUp(tx, 'rollups_day', '(event_time at time zone time_zone)::date');
  });
}

const usd = (picos: bigint) => printUsd(picos);

const toRow = (event: SeedEvent) => {
  const output = (event.costPicos ?? 0n) / 4n;
  const input = (event.costPicos ?? 0n) - output;
  return {
    tenant_id: event.tenant,
    id: event.id,
    event_time: new Date(event.time).toISOString(),
    provider: event.provider,
    model: event.model,
    operation: event.operation,
    status: event.status,
    agent: event.agent,
    project: event.project,
    user_id: event.user,
    workflow: event.workflow,
    environment: event.environment,
    api_key_id: event.apiKey,
    task: event.task,
    session: event.session,
    tags: Object.keys(event.tags).length === 0 ? null : event.tags,
    input_tokens: event.inputTokens,
    output_tokens: event.outputTokens,
    cache_read_tokens: event.cacheReadTokens,
    input_cost: usd(input),
    output_cost: usd(output),
    cache_read_cost: usd(input / 3n),
    total_cost: event.costPicos === null ? null : usd(event.costPicos),
    latency_ms: event.latencyMs,
  };
};

const BINS = Array.from({ length: 40 }, (_, bin) => `l${String(bin).padStart(2, '0')}`);

/** How each sum is made of the seeded rows; what is not named stays 0. */
const SUMS: { readonly [column: string]: string } = {
  requests: 'count(*)',
  errors: "count(*) filter (where status <> 'ok')",
  unpriced_requests: 'count(*) filter (where total_cost is null)',
  input_tokens: 'sum(input_tokens)',
  output_tokens: 'sum(output_tokens)',
  cache_read_tokens: 'sum(cache_read_tokens)',
  cache_write_tokens: '0',
  reasoning_tokens: '0',
  timed_requests: 'count(latency_ms)',
  latency_us: 'coalesce(sum(floor(latency_ms * 1000 + 0.5)::bigint), 0)',
  input_cost: 'coalesce(sum(input_cost) filter (where total_cost is not null), 0)',
  output_cost: 'coalesce(sum(output_cost) filter (where total_cost is not null), 0)',
  cache_read_cost: 'coalesce(sum(cache_read_cost) filter (where total_cost is not null), 0)',
  other_cost: '0',
  total_cost: 'coalesce(sum(total_cost), 0)',
  list_cost: 'coalesce(sum(total_cost), 0)',
  ...Object.fromEntries(
    BINS.map((column, bin) => [
      column,
      `nullif(count(*) filter (where latency_bin(floor(latency_ms * 1000 + 0.5)::bigint) = ${bin}), 0)`,
    ]),
  ),
};

/** An event is in `all` and in each dimension where it has a value. */
async function rollUp(
  tx: Parameters<Parameters<Database['asOperator']>[0]>[0],
  table: 'rollups_15m' | 'rollups_day',
  bucket: string,
): Promise<void> {
  const columns = Object.keys(SUMS);
  const add = (column: string) =>
    BINS.includes(column)
      ? `${column} = nullif(coalesce(${table}.${column}, 0) + coalesce(excluded.${column}, 0), 0)`
      : `${column} = ${table}.${column} + excluded.${column}`;
  await tx.query(`insert into ${table}
      (tenant_id, dimension, bucket, value, provider, model, operation, ${columns.join(', ')})
    select tenant_id, place, ${bucket}, value, ${['provider', 'model', 'operation'].map((column) => `case when place like 'total%' then '' else ${column} end`).join(', ')},
           ${Object.values(SUMS).join(', ')}
      from seeded join (select id as zone_tenant, time_zone from tenants) zones on zone_tenant = tenant_id
     cross join lateral (
       select dimension, value
         from (values ('project', project), ('environment', environment), ('agent', agent),
                      ('api_key', api_key_id::text), ('user', user_id), ('workflow', workflow)) own (dimension, value)
        where value <> ''
       union all select 'all', ''
       union all select 'tag.' || key, value from jsonb_each_text(tags) where value <> '') as further
     cross join lateral (
       select dimension as place
       union all select 'total' where dimension = 'all'
       union all select 'total.' || dimension where '${table}' = 'rollups_day'
                                              and dimension not in ('all', 'user', 'workflow')) as places
     group by 1, 2, 3, 4, 5, 6, 7
     on conflict (tenant_id, dimension, bucket, value, provider, model, operation) do update set
       ${columns.map(add).join(', ')}`);
}
