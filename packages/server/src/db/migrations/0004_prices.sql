-- Prices that this deployment keeps itself: cards and aliases for everyone, overrides per tenant; and the runs that
-- rate history again. Rows are ended, never changed or deleted, so that every price ever in force can be read.

-- Rate cards over the installed book, for every tenant. `rates` has the shape of the book's own data.
create table own_price_cards (
  id          bigint generated always as identity primary key,
  provider    text not null,
  model       text not null,
  tier        text not null default 'standard' check (tier in ('standard', 'batch', 'flex', 'priority', 'scale')),
  speed       text not null default 'standard' check (speed in ('standard', 'fast')),
  region      text,
  valid_from  timestamptz,  -- [valid_from, valid_to); null = open
  valid_to    timestamptz,
  rates       jsonb not null check (jsonb_typeof(rates) = 'object'),
  provenance  jsonb not null,  -- table, version, date, url
  created_at  timestamptz not null default now(),
  created_by  text not null,
  removed_at  timestamptz,     -- taken back: no longer part of the book
  removed_by  text,
  check (valid_from is null or valid_to is null or valid_from < valid_to)
);
create index own_price_cards_in_book on own_price_cards (provider, model) where removed_at is null;

-- A name that stands for a model of the same provider during an interval.
create table price_aliases (
  id          bigint generated always as identity primary key,
  provider    text not null,
  alias       text not null,
  model       text not null,
  valid_from  timestamptz,
  valid_to    timestamptz,
  created_at  timestamptz not null default now(),
  created_by  text not null,
  removed_at  timestamptz,
  removed_by  text,
  check (valid_from is null or valid_to is null or valid_from < valid_to)
);

-- What one tenant is charged instead of the list price.
create table price_overrides (
  tenant_id   text not null references tenants,
  id          bigint generated always as identity,
  kind        text not null check (kind in ('percent', 'rates', 'fixed')),
  provider    text,            -- null: every provider
  model       text,            -- null: every model
  tier        text check (tier in ('standard', 'batch', 'flex', 'priority', 'scale')),  -- null: every tier
  percent     numeric(9,4) check (percent >= -100 and percent <= 10000),
  rates       jsonb,
  note        text,
  valid_from  timestamptz,
  valid_to    timestamptz,
  created_at  timestamptz not null default now(),
  created_by  text not null,
  removed_at  timestamptz,
  removed_by  text,
  primary key (tenant_id, id),
  check ((kind = 'percent') = (percent is not null)),
  check ((kind = 'percent') = (rates is null)),
  check (valid_from is null or valid_to is null or valid_from < valid_to)
);

-- Rating history again. The cursor moves in the transaction of each batch: whoever goes on after a crash starts there.
create table rerating_runs (
  id             uuid primary key default gen_random_uuid(),
  created_at     timestamptz not null default now(),
  created_by     text not null,
  reason         text not null,
  dry_run        boolean not null,
  trigger        text unique,   -- the price book that started it by itself: one run, however many processes see it
  status         text not null default 'running' check (status in ('running', 'done', 'cancelled', 'failed')),
  tenant_id      text references tenants,  -- null: every tenant
  provider       text,
  model          text,
  from_time      timestamptz,   -- of the events, [from_time, to_time)
  to_time        timestamptz,
  unpriced_only  boolean not null,
  expected       bigint not null default 0,  -- events selected when it began; for progress
  scanned        bigint not null default 0,
  changed        bigint not null default 0,
  cursor_tenant  text,
  cursor_time    timestamptz,
  cursor_id      text,
  finished_at    timestamptz,
  longest_ms     integer not null default 0,  -- the longest transaction that held locks
  error          text
);
create index rerating_runs_open on rerating_runs (created_at) where status = 'running';

-- What a run changed, or would change, by UTC day and model.
create table rerating_changes (
  run_id        uuid not null references rerating_runs,
  tenant_id     text not null,
  day           date not null,
  provider      text not null,
  model         text not null,
  events        bigint not null,
  old_cost      numeric(38,12) not null,  -- of the events that had one
  new_cost      numeric(38,12) not null,
  old_unpriced  bigint not null,
  new_unpriced  bigint not null,
  primary key (run_id, tenant_id, day, provider, model)
);

alter table cost_adjustments add column run_id uuid;
create index cost_adjustments_run on cost_adjustments (run_id) where run_id is not null;

do $$
declare table_name text;
begin
  foreach table_name in array array['own_price_cards', 'price_aliases', 'price_overrides', 'rerating_runs',
                                    'rerating_changes'] loop
    execute format('alter table %I enable row level security', table_name);
    execute format('alter table %I force row level security', table_name);
    execute format('create policy operator on %I to farthing_operator using (true) with check (true)', table_name);
    execute format('grant select, insert, update on %I to farthing_operator', table_name);
  end loop;
  foreach table_name in array array['rerating_runs', 'rerating_changes'] loop
    execute format('create policy writer on %I to farthing_writer using (true) with check (true)', table_name);
    execute format('grant select, insert, update on %I to farthing_writer', table_name);
  end loop;
end $$;

create policy reader on price_overrides for select to farthing_reader
  using (tenant_id = (select nullif(current_setting('farthing.tenant', true), '')));
grant select on price_overrides to farthing_reader;

-- Every process learns of a change when it is committed, whoever made it.
create function farthing_prices_changed() returns trigger language plpgsql as $$
begin
  perform pg_notify('farthing_prices', '');
  return null;
end $$;

do $$
declare table_name text;
begin
  foreach table_name in array array['own_price_cards', 'price_aliases', 'price_overrides'] loop
    execute format('create trigger prices_changed after insert or update or delete on %I
                    for each statement execute function farthing_prices_changed()', table_name);
  end loop;
end $$;
