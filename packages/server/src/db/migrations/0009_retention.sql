-- Periodic work, retention, erasure of a person's data, and what the watch over the invariants found.

-- The last run of every job; the queue itself lives in a schema of its own and holds nothing worth keeping.
create table job_states (
  name         text primary key,
  started_at   timestamptz not null,
  finished_at  timestamptz,
  duration_ms  double precision,
  outcome      text not null check (outcome in ('running', 'done', 'failed')),
  note         jsonb,
  error        text,
  runs         bigint not null default 0,
  failures     bigint not null default 0  -- since the last success
);

alter table tenants
  add column retention_days  integer check (retention_days between 1 and 36500),  -- null: as long as the instance keeps
  add column events_from     timestamptz,  -- the watermark: below it the rollups are the record
  add column events_from_at  timestamptz;  -- when it was last moved; nothing is deleted before every process knows it

-- Erasing what is known of one person. The name stands here only while it is needed to go on after a crash.
create table erasures (
  id             uuid primary key default gen_random_uuid(),
  tenant_id      text not null references tenants,
  user_hash      bytea not null,
  user_id        text,
  thorough       boolean not null,     -- all tags and tasks too
  before         timestamptz not null, -- events of a time before this one
  requested_at   timestamptz not null default now(),
  requested_by   text not null,
  status         text not null default 'running' check (status in ('running', 'done', 'failed')),
  finished_at    timestamptz,
  error          text,
  events         bigint not null default 0,
  tagged_events  bigint not null default 0,  -- of others, with the name as the value of a tag
  quarantined    bigint not null default 0,
  adjustments    bigint not null default 0,
  rollup_rows    bigint not null default 0,
  longest_ms     integer not null default 0, -- the longest transaction that held locks
  check ((status = 'running') = (user_id is not null))
);
create index erasures_open on erasures (requested_at) where status = 'running';
create unique index erasures_of_one on erasures (tenant_id, user_hash) where status = 'running';

-- One row per invariant: the last proof and the first difference it found.
create table invariant_checks (
  invariant     text primary key,
  ok            boolean not null,
  checked_at    timestamptz not null,
  duration_ms   double precision not null,
  covered       jsonb not null,
  difference    jsonb,
  broken_since  timestamptz
);

do $$
declare table_name text;
begin
  foreach table_name in array array['job_states', 'erasures', 'invariant_checks'] loop
    execute format('alter table %I enable row level security', table_name);
    execute format('alter table %I force row level security', table_name);
    execute format('create policy operator on %I to farthing_operator using (true) with check (true)', table_name);
    execute format('grant select, insert, update, delete on %I to farthing_operator', table_name);
  end loop;
end $$;
