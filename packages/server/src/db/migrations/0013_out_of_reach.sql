-- What a login of the database can reach without being granted anything: channels of NOTIFY and advisory locks. From here
-- on neither tells it anything or stops anything; docs/decisions/0011 says how.

-- Who wants to know of something listens to a channel whose name only the server's roles can read. Nothing is sent over
-- it: whoever is woken up reads what is new.
create table wake_ups (
  topic    text primary key,
  channel  text not null unique default 'farthing_' || replace(gen_random_uuid()::text, '-', ''),
  rounds   bigint not null default 0  -- of `events`: number of the last round of commits in recent_commits
);
insert into wake_ups (topic) values ('events'), ('prices');
grant select on wake_ups to farthing_operator, farthing_writer;
grant update (rounds) on wake_ups to farthing_writer, farthing_operator;

-- What was committed in the last seconds, for live pages. Nothing is lost with it: a reader that finds a round without a
-- row reads the ledger.
create unlogged table recent_commits (
  tenant_id  text not null,
  round      bigint not null,
  items      jsonb not null,              -- [[id, unix milliseconds], …], the newest
  overflow   boolean not null default false,  -- more were committed than are listed
  primary key (round, tenant_id)
);
alter table recent_commits enable row level security;
alter table recent_commits force row level security;
create policy operator on recent_commits to farthing_operator using (true) with check (true);
create policy writer on recent_commits to farthing_writer using (true) with check (true);
grant select, insert, delete on recent_commits to farthing_operator, farthing_writer;

create or replace function farthing_prices_changed() returns trigger language plpgsql as $$
begin
  -- The statement, not pg_notify: an administrator may have taken that function from the public.
  execute format('notify %I', (select channel from wake_ups where topic = 'prices'));
  return null;
end $$;

-- One row per tenant whose rollups somebody repairs; the lock is on the row.
create table repair_locks (tenant_id text primary key);
alter table repair_locks enable row level security;
alter table repair_locks force row level security;
create policy operator on repair_locks to farthing_operator using (true) with check (true);
grant select, insert, update on repair_locks to farthing_operator;

-- Which connection runs a job. It holds the job for as long as it lives, so a killed process frees its work at once.
create table job_locks (
  name     text primary key,
  pid      integer not null,
  role     oid not null,
  started  timestamptz not null
);

-- The connecting role may switch to the group roles; it no longer has their rights without switching. Before PostgreSQL 16
-- a membership cannot say that, and where an administrator made it only that administrator can change it.
do $$
declare role_name text;
begin
  if current_setting('server_version_num')::int < 160000 then return; end if;
  foreach role_name in array array['farthing_reader', 'farthing_operator', 'farthing_writer'] loop
    begin
      if exists (select from pg_auth_members
                  where roleid = role_name::regrole and member = (select oid from pg_roles where rolname = current_user)
                    and grantor = member and inherit_option) then
        execute format('grant %I to %I with inherit false, set true', role_name, current_user);
      end if;
    exception when insufficient_privilege then null;
    end;
  end loop;
end $$;
