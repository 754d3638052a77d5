/**
 * Writes events and their rollups with plain SQL, independent of the write path: what reading tests compare with.
 */
import { randomUUID } from 'node:crypto';
import { printUsd } from '@farthing/pricing';
import type { Database } from '../../packages/server/src/db/database.ts';
import { createPartitions } from '../../packages/server/src/db/partitions.ts';

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
  readonly tags: { readonly [key: string]: string };
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Null = unpriced. */
  readonly costPicos: bigint | null;
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
    tags: {},
    inputTokens: 100,
    outputTokens: 10,
    costPicos: 1_000_000n,
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
         agent text, project text, user_id text, workflow text, environment text, tags jsonb,
         input_tokens bigint, output_tokens bigint, total_cost numeric)`,
      [JSON.stringify(events.map(toRow))],
    );
    await tx.query(`insert into event_ids (tenant_id, id, event_time, content_hash)
      select tenant_id, id, event_time, sha256(id::bytea) from seeded`);
    await tx.query(`insert into usage_events (tenant_id, id, event_time, door, provider, model, operation, status, agent,
        project, user_id, workflow, environment, tags, service_tier, input_tokens, output_tokens, cache_read_tokens,
        cache_write_tokens, reasoning_tokens, input_cost, output_cost, other_cost, total_cost, usage_source, usage, charge,
        price_version)
      select tenant_id, id, event_time, 'api', provider, model, operation, status, agent, project, user_id, workflow,
        environment, tags, 'standard', input_tokens, output_tokens, 0, 0, 0, coalesce(total_cost, 0), 0, 0, total_cost,
        'reported', '{"segments": []}', '[]', 'test'
        from seeded`);
    await tx.query(`insert into agents (tenant_id, name) select distinct tenant_id, agent from seeded
      where agent is not null on conflict do nothing`);
    await rollUp(tx, 'rollups_15m', `date_bin('15 minutes', event_time, 'epoch')`);
    await rollUp(tx, 'rollups_day', '(event_time at time zone time_zone)::date');
  });
}

const toRow = (event: SeedEvent) => ({
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
  tags: Object.keys(event.tags).length === 0 ? null : event.tags,
  input_tokens: event.inputTokens,
  output_tokens: event.outputTokens,
  total_cost: event.costPicos === null ? null : printUsd(event.costPicos),
});

const ADDED = [
  'requests',
  'errors',
  'unpriced_requests',
  'input_tokens',
  'output_tokens',
  'input_cost',
  'total_cost',
];

async function rollUp(
  tx: Parameters<Parameters<Database['asOperator']>[0]>[0],
  table: 'rollups_15m' | 'rollups_day',
  bucket: string,
): Promise<void> {
  await tx.query(`insert into ${table} (tenant_id, dimension, bucket, value, provider, model, operation, requests, errors,
      unpriced_requests, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, input_cost,
      output_cost, other_cost, total_cost)
    select tenant_id, dimension, ${bucket}, value, provider, model, operation, count(*),
           count(*) filter (where status <> 'ok'), count(*) filter (where total_cost is null),
           sum(input_tokens), sum(output_tokens), 0, 0, 0, coalesce(sum(total_cost), 0), 0, 0, coalesce(sum(total_cost), 0)
      from seeded join (select id as zone_tenant, time_zone from tenants) zones on zone_tenant = tenant_id
     cross join lateral (values ('all', ''), ('agent', coalesce(agent, '')), ('project', coalesce(project, '')),
                                ('user', coalesce(user_id, ''))) as further (dimension, value)
     group by 1, 2, 3, 4, 5, 6, 7
     on conflict (tenant_id, dimension, bucket, value, provider, model, operation) do update set
       ${ADDED.map((column) => `${column} = ${table}.${column} + excluded.${column}`).join(', ')}`);
}
