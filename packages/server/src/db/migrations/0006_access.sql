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
