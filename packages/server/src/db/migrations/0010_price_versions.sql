-- Versions of the prices kept here: what a refresh from a newer table, or an import, changed at one moment. A version is
-- taken back as a whole. Cards may hold for some hours of the day.

create table price_versions (
  id            bigint generated always as identity primary key,
  kind          text not null check (kind in ('refresh', 'import')),
  source        text not null,  -- the table
  book          text,           -- refresh: the book that the table compiles to, its name and its date
  book_date     text,
  added         integer not null,
  changed       integer not null,
  vanished      integer not null,
  unchanged     integer not null,
  confirmed     text[] not null default '{}',  -- kinds of doubtful changes that somebody said yes to
  cards_sources jsonb not null default '[]',   -- provenances that the models' cards point into
  providers     jsonb not null default '[]',   -- providers that are new or sell, name or group differently
  created_at    timestamptz not null default now(),
  created_by    text not null,
  removed_at    timestamptz,    -- taken back: no longer part of the book
  removed_by    text
);

-- A model as it is since the version: its rule and all its cards, those that ended at the refresh included.
create table price_version_models (
  version_id  bigint not null references price_versions,
  provider    text not null,
  model       text not null,
  position    integer not null,  -- in the order of the table: names are matched in it
  precedes    text,              -- the model of the same provider that a new one goes before
  data        jsonb not null check (jsonb_typeof(data) = 'object'),
  primary key (version_id, position)
);

alter table own_price_cards
  add column time_of_day jsonb,
  add column unpriced text[],  -- meters without a price here that must not take a coarser meter's
  add column version_id bigint references price_versions,
  add column removed_version bigint references price_versions;  -- the import in which it vanished
create index own_price_cards_version on own_price_cards (version_id) where version_id is not null;
create index own_price_cards_removed on own_price_cards (removed_version) where removed_version is not null;

-- Counted by whoever carries the run out, not by whoever asks for it; null until then, or where it takes too long.
alter table rerating_runs alter column expected drop not null, alter column expected drop default;

do $$
declare table_name text;
begin
  foreach table_name in array array['price_versions', 'price_version_models'] loop
    execute format('alter table %I enable row level security', table_name);
    execute format('alter table %I force row level security', table_name);
    execute format('create policy operator on %I to farthing_operator using (true) with check (true)', table_name);
    execute format('grant select, insert, update on %I to farthing_operator', table_name);
  end loop;
end $$;

create trigger prices_changed after insert or update or delete on price_versions
  for each statement execute function farthing_prices_changed();
