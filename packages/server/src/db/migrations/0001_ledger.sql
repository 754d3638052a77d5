-- The ledger. Money is numeric(38,12) USD, times are timestamptz, every tenant row carries tenant_id first.
--
-- Roles (group roles, no login; the connecting role is a member and switches per transaction):
--   farthing_reader    one tenant's rows, named by the setting farthing.tenant
--   farthing_operator  every tenant's rows: administration, key look-up, invariant checks
--   farthing_writer    the write path; a batch mixes tenants, so its policies do not look at the setting
do $$
declare role_name text;
begin
  foreach role_name in array array['farthing_reader', 'farthing_operator', 'farthing_writer'] loop
    if not exists (select from pg_roles where rolname = role_name) then
      begin
        execute format('create role %I nologin', role_name);
      exception when duplicate_object or unique_violation then null; -- roles are cluster-wide: another database made it
      end;
    end if;
    -- From PostgreSQL 16 on, who creates a role may administer it but not switch to it.
    if not pg_has_role(current_user, role_name,
                       case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end) then
      execute format('grant %I to %I', role_name, current_user);
    end if;
  end loop;
end $$;

create table tenants (
  id          text primary key check (id ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
  name        text not null,
  time_zone   text not null default 'UTC',  -- reporting zone: what a day is in rollups_day
  created_at  timestamptz not null default now()
);
insert into tenants (id, name) values ('default', 'Default');

-- Projects and agents are registered at first sight, so that a name in an event is enough to begin.
create table projects (
  tenant_id   text not null references tenants,
  id          text not null,
  created_at  timestamptz not null default now(),
  primary key (tenant_id, id)
);

create table agents (
  tenant_id   text not null references tenants,
  name        text not null,
  id          uuid not null default gen_random_uuid(),
  created_at  timestamptz not null default now(),
  primary key (tenant_id, name),
  unique (tenant_id, id)
);

create table api_keys (
  id            uuid primary key default gen_random_uuid(),
  tenant_id     text references tenants,  -- null: an admin key, good for every tenant
  project_id    text,                     -- when set, events written with the key belong to it
  name          text not null,
  role          text not null check (role in ('admin', 'tenant')),
  prefix        text not null,            -- enough to recognise a key in a list, useless as a secret
  hash          bytea not null unique check (length(hash) = 32),  -- SHA-256
  created_at    timestamptz not null default now(),
  last_used_at  timestamptz,
  expires_at    timestamptz,
  revoked_at    timestamptz,
  check ((role = 'admin') = (tenant_id is null))
);

create table audit_log (
  id         bigint generated always as identity primary key,
  at         timestamptz not null default now(),
  actor      text not null,
  action     text not null,
  tenant_id  text,
  details    jsonb not null default '{}'
);

-- Not partitioned, written first: a partitioned table cannot hold a unique key without its partition column,
-- and one id with two times must not be charged twice.
create table event_ids (
  tenant_id     text not null,
  id            text not null,
  event_time    timestamptz not null,
  content_hash  bytea not null,
  primary key (tenant_id, id)
);

create table usage_events (
  tenant_id        text not null,
  id               text not null,
  event_time       timestamptz not null,
  received_at      timestamptz not null default now(),
  door             text not null,
  provider         text not null,
  model            text not null,
  requested_model  text,
  operation        text not null,
  status           text not null,
  project          text,
  environment      text,
  agent            text,
  user_id          text,
  api_key_id       uuid,
  workflow         text,
  task             text,
  session          text,
  request_id       text,
  trace_id         text,
  span_id          text,
  response_id      text,
  service_tier     text not null,
  input_tokens        bigint not null,  -- inclusive totals, derived from the disjoint quantities
  output_tokens       bigint not null,
  cache_read_tokens   bigint not null,
  cache_write_tokens  bigint not null,
  reasoning_tokens    bigint not null,
  input_cost       numeric(38,12) not null,  -- what is priced, by direction
  output_cost      numeric(38,12) not null,
  other_cost       numeric(38,12) not null,
  total_cost       numeric(38,12),           -- null: unpriced; never zero for unknown
  reported_cost    text,                     -- the provider's literal digits
  usage_source     text not null,
  usage            jsonb not null,   -- segments of disjoint quantities, context, speed, region, convention
  charge           jsonb not null,   -- lines [meter, quantity, rate, per, amount, card, segment, inherited_from, reason]
  raw_usage        jsonb,
  price_version    text not null,
  anomalies        jsonb,
  latency_ms       double precision,
  tags             jsonb,
  metadata         jsonb,
  primary key (tenant_id, event_time, id)
) partition by range (event_time);

create index usage_events_unpriced on usage_events (tenant_id, event_time) where total_cost is null;

-- Append-only: the event row carries the current cost, this is how it came to be.
create table cost_adjustments (
  tenant_id    text not null,
  id           bigint generated always as identity,
  event_id     text not null,
  event_time   timestamptz not null,
  at           timestamptz not null default now(),
  reason       text not null,
  actor        text not null,
  old_cost     numeric(38,12),
  new_cost     numeric(38,12),
  old_charge   jsonb not null,
  new_charge   jsonb not null,
  primary key (tenant_id, id)
);
create index cost_adjustments_event on cost_adjustments (tenant_id, event_id);

-- Events that were acknowledged as queued and turned out not to fit: visible, never dropped. `event` is json, not
-- jsonb: what jsonb refuses (a zero character in a string) is one of the reasons to stand here.
create table quarantined_events (
  tenant_id     text not null,
  id            bigint generated always as identity,
  event_id      text not null,
  content_hash  bytea not null,
  at            timestamptz not null default now(),
  reason        text not null,
  event         json not null,
  primary key (tenant_id, id),
  unique (tenant_id, event_id, content_hash)  -- replaying a segment twice tells it once
);

-- Every card that ever priced an event, by content: an explanation stays whole when the book moves on.
create table price_cards (
  id             text primary key,
  card           jsonb not null,
  first_used_at  timestamptz not null default now()
);

-- Narrow rollups: the base (dimension 'all') and at most one further dimension each.
-- Keyed only by facts that re-rating cannot change.
create table rollups_15m (
  tenant_id  text not null,
  dimension  text not null,
  bucket     timestamptz not null,
  value      text not null,
  provider   text not null,
  model      text not null,
  operation  text not null,
  requests            bigint not null,
  errors              bigint not null,
  unpriced_requests   bigint not null,
  input_tokens        bigint not null,
  output_tokens       bigint not null,
  cache_read_tokens   bigint not null,
  cache_write_tokens  bigint not null,
  reasoning_tokens    bigint not null,
  input_cost   numeric(38,12) not null,
  output_cost  numeric(38,12) not null,
  other_cost   numeric(38,12) not null,
  total_cost   numeric(38,12) not null,  -- of priced requests only
  primary key (tenant_id, dimension, bucket, value, provider, model, operation)
) with (fillfactor = 70);  -- current buckets are updated all the time: room for heap-only updates

-- The same by day in the tenant's reporting zone.
create table rollups_day (
  tenant_id  text not null,
  dimension  text not null,
  bucket     date not null,
  value      text not null,
  provider   text not null,
  model      text not null,
  operation  text not null,
  requests            bigint not null,
  errors              bigint not null,
  unpriced_requests   bigint not null,
  input_tokens        bigint not null,
  output_tokens       bigint not null,
  cache_read_tokens   bigint not null,
  cache_write_tokens  bigint not null,
  reasoning_tokens    bigint not null,
  input_cost   numeric(38,12) not null,
  output_cost  numeric(38,12) not null,
  other_cost   numeric(38,12) not null,
  total_cost   numeric(38,12) not null,
  primary key (tenant_id, dimension, bucket, value, provider, model, operation)
) with (fillfactor = 70);  -- current buckets are updated all the time: room for heap-only updates

do $$
declare table_name text;
begin
  foreach table_name in array array['projects', 'agents', 'event_ids', 'usage_events', 'cost_adjustments',
                                    'quarantined_events', 'rollups_15m', 'rollups_day'] loop
    execute format('alter table %I enable row level security', table_name);
    execute format('alter table %I force row level security', table_name);
    -- The sub-select is evaluated once per statement; a missing setting is null and matches nothing.
    execute format('create policy reader on %I for select to farthing_reader
                    using (tenant_id = (select nullif(current_setting(''farthing.tenant'', true), '''')))', table_name);
    execute format('create policy operator on %I to farthing_operator using (true) with check (true)', table_name);
    execute format('create policy writer on %I to farthing_writer using (true) with check (true)', table_name);
    execute format('grant select on %I to farthing_reader', table_name);
    execute format('grant select, insert, update, delete on %I to farthing_operator', table_name);
    execute format('grant select, insert, update on %I to farthing_writer', table_name);
  end loop;
end $$;

alter table tenants enable row level security;
alter table tenants force row level security;
create policy reader on tenants for select to farthing_reader
  using (id = (select nullif(current_setting('farthing.tenant', true), '')));
create policy operator on tenants to farthing_operator using (true) with check (true);
create policy writer on tenants for select to farthing_writer using (true);
grant select on tenants to farthing_reader, farthing_writer;
grant select, insert, update, delete on tenants to farthing_operator;

-- Keys hold credentials' hashes: only the operator role sees them.
alter table api_keys enable row level security;
alter table api_keys force row level security;
create policy operator on api_keys to farthing_operator using (true) with check (true);
grant select, insert, update on api_keys to farthing_operator;
grant select, insert on audit_log to farthing_operator;

grant select on price_cards to farthing_reader, farthing_operator;
grant select, insert on price_cards to farthing_writer;

-- Row shapes of the write path: one binary array of such rows per statement (`unnest($1::usage_event_row[])`).
-- They are wire formats: a new column means a new type beside the old one, so that two releases can write side by side.
create type event_id_row as (
  tenant_id text, id text, event_time timestamptz, content_hash bytea
);

create type usage_event_row as (
  tenant_id text, id text, event_time timestamptz, door text, provider text, model text, requested_model text,
  operation text, status text, project text, environment text, agent text, user_id text, api_key_id uuid,
  workflow text, task text, session text, request_id text, trace_id text, span_id text, response_id text,
  service_tier text, input_tokens bigint, output_tokens bigint, cache_read_tokens bigint,
  cache_write_tokens bigint, reasoning_tokens bigint, input_cost numeric, output_cost numeric,
  other_cost numeric, total_cost numeric, reported_cost text, usage_source text, usage jsonb, charge jsonb,
  raw_usage jsonb, price_version text, anomalies jsonb, latency_ms double precision, tags jsonb, metadata jsonb
);

create type rollup_15m_row as (
  tenant_id text, dimension text, bucket timestamptz, value text, provider text, model text, operation text,
  requests bigint, errors bigint, unpriced_requests bigint, input_tokens bigint, output_tokens bigint,
  cache_read_tokens bigint, cache_write_tokens bigint, reasoning_tokens bigint,
  input_cost numeric, output_cost numeric, other_cost numeric, total_cost numeric
);

create type rollup_day_row as (
  tenant_id text, dimension text, bucket date, value text, provider text, model text, operation text,
  requests bigint, errors bigint, unpriced_requests bigint, input_tokens bigint, output_tokens bigint,
  cache_read_tokens bigint, cache_write_tokens bigint, reasoning_tokens bigint,
  input_cost numeric, output_cost numeric, other_cost numeric, total_cost numeric
);
