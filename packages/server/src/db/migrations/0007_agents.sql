-- What an agent may spend in a month, whether it is paused, and which spend has raised which alert.

alter table agents
  -- USD per calendar month of the tenant's reporting zone; null: what agent_defaults says.
  add column max_monthly_cost_usd  numeric(38,12) check (max_monthly_cost_usd >= 0),
  add column status                text not null default 'active' check (status in ('active', 'paused')),
  add column paused_at             timestamptz,
  add column paused_by             text,
  add column pause_reason          text,
  -- The month's sums when its spend was last set back: they are taken off what the month has cost by now, as long as
  -- the month is the same. The ledger itself is never changed.
  add column spend_reset_at        timestamptz,
  add column spend_reset_month     date,  -- first day, in the tenant's reporting zone
  add column spend_reset_cost_usd  numeric(38,12) not null default 0,
  add column spend_reset_requests  bigint not null default 0,
  add constraint agents_pause check ((status = 'paused') = (paused_at is not null));

-- The limit of agents that have none of their own, as the server was last started with
-- (AGENT_MAX_MONTHLY_COST_USD): for views, which cannot see the environment.
create table agent_defaults (
  only_row              boolean primary key default true check (only_row),
  max_monthly_cost_usd  numeric(38,12) not null check (max_monthly_cost_usd >= 0)
);
insert into agent_defaults (max_monthly_cost_usd) values (50);
grant select on agent_defaults to farthing_reader, farthing_writer;
grant select, insert, update on agent_defaults to farthing_operator;

-- Append-only: who paused an agent when and why, and who let it go on.
create table pause_events (
  tenant_id  text not null references tenants,
  id         bigint generated always as identity,
  agent_id   uuid not null,
  at         timestamptz not null default now(),
  action     text not null check (action in ('pause', 'unpause')),
  actor      text not null,
  reason     text,
  primary key (tenant_id, id)
);
create index pause_events_agent on pause_events (tenant_id, agent_id, id);

-- Amounts at which spend is told. Tenant null: kept by administrators, for the sum of all tenants (scope `instance`) or
-- for every tenant alike (any other scope).
create table alert_thresholds (
  tenant_id   text references tenants,
  id          uuid primary key default gen_random_uuid(),
  name        text,
  scope       text not null check (scope in ('instance', 'tenant', 'project', 'environment', 'agent', 'user', 'workflow')),
  subject     text,  -- a name within the scope; null: each of them
  period      text not null check (period in ('day', 'week', 'month')),
  amount_usd  numeric(38,12) not null check (amount_usd > 0),
  severity    text not null check (severity in ('info', 'warning', 'critical')),
  enabled     boolean not null default true,
  created_by  text not null,
  created_at  timestamptz not null default now(),
  updated_at  timestamptz not null default now(),
  check (scope <> 'instance' or (tenant_id is null and subject is null)),
  check (scope <> 'tenant' or subject is null)
);
create index alert_thresholds_tenant on alert_thresholds (tenant_id, created_at, id);

-- One row per crossing. Tenant null: about the sum of all tenants.
create table alerts (
  tenant_id     text references tenants,
  id            bigint generated always as identity primary key,
  alert_name    text not null,  -- agent_budget_threshold, daily_threshold, weekly_threshold, monthly_threshold
  severity      text not null check (severity in ('info', 'warning', 'critical')),
  message       text not null,
  metric_value  numeric not null,         -- percent of the limit for agents, USD for amounts
  threshold     numeric not null,         -- in the unit of metric_value
  cost_usd      numeric(38,12) not null,  -- of the period, when it was seen
  limit_usd     numeric(38,12) not null,
  scope         text not null,
  subject       text,
  period        text not null,
  period_start  timestamptz not null,
  threshold_id  uuid,                     -- of alert_thresholds; no reference: the history outlives it
  crossing      text not null,            -- what was crossed, with the limit it had: another limit can be crossed anew
  created_at    timestamptz not null default now(),
  unique nulls not distinct (tenant_id, alert_name, subject, period_start, crossing)
);
create index alerts_tenant on alerts (tenant_id, id);

do $$
declare table_name text;
begin
  foreach table_name in array array['pause_events', 'alert_thresholds', 'alerts'] loop
    execute format('alter table %I enable row level security', table_name);
    execute format('alter table %I force row level security', table_name);
    execute format('create policy reader on %I for select to farthing_reader
                    using (tenant_id = (select nullif(current_setting(''farthing.tenant'', true), '''')))', table_name);
    execute format('create policy operator on %I to farthing_operator using (true) with check (true)', table_name);
    execute format('create policy writer on %I to farthing_writer using (true) with check (true)', table_name);
    execute format('grant select on %I to farthing_reader', table_name);
    execute format('grant select, insert, update, delete on %I to farthing_operator', table_name);
    execute format('grant select, insert on %I to farthing_writer', table_name);
  end loop;
end $$;
