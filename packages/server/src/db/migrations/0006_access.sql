-- Who may do what: roles, what a key is limited to, people with passwords, and row-level security on every tenant table.

-- "tenant" was the one role beside admin; what it could do is what a member can.
do $$
declare table_name text; constraint_name text;
begin
  foreach table_name in array array['api_keys', 'login_links', 'sessions'] loop
    for constraint_name in
      select conname from pg_constraint where conrelid = table_name::regclass and contype = 'c'
        and pg_get_constraintdef(oid) like '%role%' loop
      execute format('alter table %I drop constraint %I', table_name, constraint_name);
    end loop;
    execute format('update %I set role = ''member'' where role = ''tenant''', table_name);
    execute format('alter table %I add constraint %I check ((role = ''admin'') = (tenant_id is null))',
                   table_name, table_name || '_tenant_check');
  end loop;
end $$;
alter table api_keys add constraint api_keys_role_check
  check (role in ('admin', 'tenant_admin', 'member', 'viewer', 'ingest'));
alter table login_links add constraint login_links_role_check
  check (role in ('admin', 'tenant_admin', 'member', 'viewer'));
alter table sessions add constraint sessions_role_check
  check (role in ('admin', 'tenant_admin', 'member', 'viewer'));

-- What a key is limited to, and its secret before the last rotation while that still works.
alter table api_keys
  add column scopes          text[],  -- null: everything the role may
  add column environment     text,    -- these four and project_id, when set, hold for every event written with the key
  add column agent           text,
  add column user_id         text,
  add column tags            jsonb not null default '{}' check (jsonb_typeof(tags) = 'object'),
  add column rotated_at      timestamptz,
  add column previous_hash   bytea unique check (length(previous_hash) = 32),
  add column previous_until  timestamptz,
  add constraint api_keys_previous_check check ((previous_hash is null) = (previous_until is null)),
  add constraint api_keys_scopes_check check (scopes is null or (scopes <> '{}' and scopes <@ array[
    'events:write', 'usage:read', 'agents:write', 'alerts:write', 'keys:manage', 'users:manage', 'tenant:manage',
    'instance:manage'])),
  -- An administrator writes for every tenant: there is nothing that all of them would share.
  add constraint api_keys_bound_check check (role <> 'admin' or
    (project_id is null and environment is null and agent is null and user_id is null and tags = '{}'));
create index api_keys_tenant on api_keys (tenant_id, created_at desc);

-- Environments are registered at first sight, like projects.
create table environments (
  tenant_id   text not null references tenants,
  id          text not null,
  created_at  timestamptz not null default now(),
  primary key (tenant_id, id)
);
alter table projects add column name text;  -- for people; null: the id

-- People. A user belongs to no tenant; a membership gives a role in one.
create table users (
  id                   uuid primary key default gen_random_uuid(),
  email                text not null unique check (email = lower(email) and length(email) between 3 and 254),
  name                 text,
  is_admin             boolean not null default false,
  password_hash        text,  -- scrypt with its cost and salt; null: invited, has not chosen one yet
  created_at           timestamptz not null default now(),
  password_changed_at  timestamptz,
  disabled_at          timestamptz
);

create table memberships (
  tenant_id    text not null references tenants,
  user_id      uuid not null references users on delete cascade,
  role         text not null check (role in ('tenant_admin', 'member', 'viewer')),
  created_at   timestamptz not null default now(),
  -- Null until the invited has opened the link that was made for this tenant, with the account's own password: who
  -- invites an address does not get an account that somebody else has already taken under it.
  accepted_at  timestamptz,
  disabled_at  timestamptz,
  primary key (tenant_id, user_id)
);
create index memberships_user on memberships (user_id);

-- A link or session of a user has no role of its own: it is looked up with every use, so that a change holds at once.
alter table login_links
  add column kind     text not null default 'sign_in' check (kind in ('sign_in', 'invite', 'reset')),
  add column user_id  uuid references users on delete cascade,
  alter column role drop not null,
  drop constraint login_links_tenant_check,
  add constraint login_links_whose check (case when user_id is null
    then kind = 'sign_in' and role is not null and (role = 'admin') = (tenant_id is null)
    else kind <> 'sign_in' and role is null end);
alter table sessions
  add column user_id     uuid references users on delete cascade,
  add column user_agent  text,
  alter column role drop not null,
  drop constraint sessions_tenant_check,
  add constraint sessions_whose check (case when user_id is null
    then role is not null and (role = 'admin') = (tenant_id is null) else role is null end);
create index sessions_user on sessions (user_id) where user_id is not null;
create index sessions_tenant on sessions (tenant_id);

create index audit_log_tenant on audit_log (tenant_id, id desc);

do $$
declare table_name text;
begin
  -- Append-only for everybody: nobody is granted update or delete of the audit log.
  foreach table_name in array array['audit_log', 'environments', 'memberships', 'users'] loop
    execute format('alter table %I enable row level security', table_name);
    execute format('alter table %I force row level security', table_name);
  end loop;
  foreach table_name in array array['environments', 'memberships', 'users'] loop
    execute format('create policy operator on %I to farthing_operator using (true) with check (true)', table_name);
    execute format('grant select, insert, update, delete on %I to farthing_operator', table_name);
  end loop;
  foreach table_name in array array['audit_log', 'environments'] loop
    execute format('create policy reader on %I for select to farthing_reader
                    using (tenant_id = (select nullif(current_setting(''farthing.tenant'', true), '''')))', table_name);
  end loop;
end $$;
create policy operator on audit_log for select to farthing_operator using (true);
create policy operator_insert on audit_log for insert to farthing_operator with check (true);
create policy writer on audit_log for insert to farthing_writer with check (true);
grant insert on audit_log to farthing_writer;
grant select on audit_log, environments to farthing_reader;
create policy writer on environments to farthing_writer using (true) with check (true);
grant select, insert on environments to farthing_writer;
-- Re-rating shows a tenant what was changed of its own.
create policy reader on rerating_changes for select to farthing_reader
  using (tenant_id = (select nullif(current_setting('farthing.tenant', true), '')));
grant select on rerating_changes to farthing_reader;
