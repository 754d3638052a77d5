-- The audit log is append-only for every role of the server; who can do anything in the database could still change it.
-- Each entry is chained to the one before by a hash, so that an entry that was changed, taken out or slipped in is found.

-- One row per entry, in the order in which their transactions committed.
create table audit_chain (
  position bigint primary key,
  audit_id bigint not null unique,
  hash     bytea not null  -- of the hash before and of the entry
);
-- Where the chain ends. One row: whoever adds to the chain locks it, at the very end of the transaction.
create table audit_head (
  only_one boolean primary key default true check (only_one),
  position bigint not null,
  hash     bytea not null
);
insert into audit_head (position, hash) values (0, '');
grant select on audit_chain, audit_head to farthing_operator;

create function audit_hash(previous bytea, entry audit_log) returns bytea language sql stable parallel safe as $$
  select sha256(previous || convert_to(jsonb_build_array(entry.id, extract(epoch from entry.at), entry.actor, entry.action,
                                                         entry.tenant_id, entry.details)::text, 'UTF8'))
$$;

-- As the owner: no role of the server may write to the chain by itself.
create function chain_audit_entry() returns trigger language plpgsql security definer set search_path from current as $$
declare last audit_head;
begin
  update audit_head set position = position + 1, hash = audit_hash(hash, new) returning * into strict last;
  insert into audit_chain (position, audit_id, hash) values (last.position, new.id, last.hash);
  return null;
end $$;
revoke execute on function chain_audit_entry() from public;

-- What is there already is chained in the order of its ids, while nobody adds to it.
lock table audit_log in share row exclusive mode;
alter table audit_log no force row level security;
do $$
declare
  entry audit_log;
  last bytea := '';
  place bigint := 0;
begin
  for entry in select * from audit_log order by id loop
    last := audit_hash(last, entry);
    place := place + 1;
    insert into audit_chain (position, audit_id, hash) values (place, entry.id, last);
  end loop;
  update audit_head set position = place, hash = last;
end $$;
alter table audit_log force row level security;

-- At the commit: until then nobody waits for another's transaction, however long that takes.
create constraint trigger chain after insert on audit_log
  deferrable initially deferred for each row execute function chain_audit_entry();
