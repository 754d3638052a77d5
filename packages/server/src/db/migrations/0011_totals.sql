-- Totals over all providers, models and operations, which have '' in these columns: `total` beside `all`, and the days of
-- most other dimensions as `total.<dimension>`. What a page asks reads one row per day instead of one per model.

-- As operator, since the tables' own role sees no row of them.
set local role farthing_operator;

do $$
declare
  sums text := (select string_agg(column_name, ', ' order by ordinal_position) from information_schema.columns
                 where table_schema = current_schema() and table_name = 'rollups_day'
                   and data_type in ('bigint', 'numeric'));
  added text := (select string_agg(format('sum(%s)', name), ', ' order by n)
                   from unnest(string_to_array(sums, ', ')) with ordinality as one (name, n));
  table_name text;
begin
  foreach table_name in array array['rollups_15m', 'rollups_day'] loop
    execute format($sql$
      insert into %I (tenant_id, dimension, bucket, value, provider, model, operation, %s)
      select tenant_id, 'total', bucket, '', '', '', '', %s from %I where dimension = 'all' group by tenant_id, bucket$sql$,
      table_name, sums, added, table_name);
  end loop;
  execute format($sql$
    insert into rollups_day (tenant_id, dimension, bucket, value, provider, model, operation, %s)
    select tenant_id, 'total.' || dimension, bucket, value, '', '', '', %s from rollups_day
     where dimension in ('project', 'environment', 'agent', 'api_key') or dimension like 'tag.%%'
     group by tenant_id, dimension, bucket, value$sql$, sums, added);
end $$;

reset role;
