-- Signing in to the dashboard: a link that works once makes a session; both are kept as SHA-256 only.
create table login_links (
  hash        bytea primary key check (length(hash) = 32),
  role        text not null check (role in ('admin', 'tenant')),
  tenant_id   text references tenants,
  created_at  timestamptz not null default now(),
  expires_at  timestamptz not null,
  used_at     timestamptz,
  check ((role = 'admin') = (tenant_id is null))
);

create table sessions (
  id            uuid primary key default gen_random_uuid(),
  hash          bytea not null unique check (length(hash) = 32),
  role          text not null check (role in ('admin', 'tenant')),
  tenant_id     text references tenants,
  created_at    timestamptz not null default now(),
  last_seen_at  timestamptz not null default now(),
  expires_at    timestamptz not null,
  revoked_at    timestamptz,
  check ((role = 'admin') = (tenant_id is null))
);

do $$
declare table_name text;
begin
  foreach table_name in array array['login_links', 'sessions'] loop
    execute format('alter table %I enable row level security', table_name);
    execute format('alter table %I force row level security', table_name);
    execute format('create policy operator on %I to farthing_operator using (true) with check (true)', table_name);
    execute format('grant select, insert, update, delete on %I to farthing_operator', table_name);
  end loop;
end $$;
