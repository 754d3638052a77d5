-- Rollups by every dimension that events are attributed to, with the costs of cache and reasoning, the list cost and a
-- latency histogram. An event stands in a dimension only where it has a value there: how much has none is the
-- difference to 'all', so that dimensions nobody uses cost nothing.

-- Parts of what stands beside them: cache reads and writes of input_cost, reasoning of output_cost.
alter table usage_events
  add column cache_read_cost  numeric(38,12) not null default 0,
  add column cache_write_cost numeric(38,12) not null default 0,
  add column reasoning_cost   numeric(38,12) not null default 0;

-- The event list, newest first, of one workflow or one user. Other filters walk the list itself, or find their quarter
-- hours in the rollups. Without the id, which is half the size: events of one millisecond are sorted when they are read.
create index usage_events_workflow on usage_events (tenant_id, workflow, event_time) where workflow is not null;
create index usage_events_user on usage_events (tenant_id, user_id, event_time) where user_id is not null;

-- Which of the 40 bins l00 … l39 a latency in microseconds falls into: bin i begins at 1000 × 2^(i/2), bin 0 at 0.
create function latency_bin(latency_us bigint) returns int language sql immutable parallel safe as $$
  select width_bucket(latency_us, array[
    0, 1414, 2000, 2828, 4000, 5657, 8000, 11314, 16000, 22627, 32000, 45255, 64000, 90510, 128000, 181019, 256000,
    362039, 512000, 724077, 1024000, 1448155, 2048000, 2896309, 4096000, 5792619, 8192000, 11585238, 16384000,
    23170475, 32768000, 46340950, 65536000, 92681900, 131072000, 185363800, 262144000, 370727600, 524288000,
    741455200]::bigint[]) - 1
$$;

do $$
declare
  bins text := (select string_agg(format('l%s bigint', lpad(i::text, 2, '0')), ', ' order by i)
                  from generate_series(0, 39) i);
  sums text := 'requests bigint, errors bigint, unpriced_requests bigint, input_tokens bigint, output_tokens bigint,
    cache_read_tokens bigint, cache_write_tokens bigint, reasoning_tokens bigint, timed_requests bigint,
    latency_us bigint, input_cost numeric, output_cost numeric, other_cost numeric, total_cost numeric,
    cache_read_cost numeric, cache_write_cost numeric, reasoning_cost numeric, list_cost numeric';
  table_name text;
begin
  foreach table_name in array array['rollups_15m', 'rollups_day'] loop
    execute format('alter table %I
      add column timed_requests   bigint not null default 0,
      add column latency_us       bigint not null default 0,
      add column cache_read_cost  numeric(38,12) not null default 0,
      add column cache_write_cost numeric(38,12) not null default 0,
      add column reasoning_cost   numeric(38,12) not null default 0,
      add column list_cost        numeric(38,12) not null default 0', table_name);
    -- Null stands for 0: a row has a few of the bins, and a null takes one bit.
    execute format('alter table %I %s', table_name, replace('add column ' || bins, ', ', ', add column '));
  end loop;
  -- The bins of a row travel as one array, bounds and all: bins[21] is what l21 gains.
  execute format('create type rollup_15m_row_2 as (tenant_id text, dimension text, bucket timestamptz, value text,
    provider text, model text, operation text, %s, bins bigint[])', sums);
  execute format('create type rollup_day_row_2 as (tenant_id text, dimension text, bucket date, value text,
    provider text, model text, operation text, %s, bins bigint[])', sums);
end $$;

-- One value's whole history, without reading its neighbours: a workflow's report, the days that know a tag.
create index rollups_day_value on rollups_day (tenant_id, dimension, value, bucket);

create type usage_event_row_3 as (
  tenant_id text, id text, event_time timestamptz, door text, provider text, model text, requested_model text,
  operation text, status text, project text, environment text, agent text, user_id text, api_key_id uuid,
  workflow text, task text, session text, request_id text, trace_id text, span_id text, response_id text,
  service_tier text, input_tokens bigint, output_tokens bigint, cache_read_tokens bigint,
  cache_write_tokens bigint, reasoning_tokens bigint, input_cost numeric, output_cost numeric,
  other_cost numeric, total_cost numeric, list_cost numeric, cache_read_cost numeric, cache_write_cost numeric,
  reasoning_cost numeric, reported_cost text, usage_source text, usage jsonb, charge jsonb, raw_usage jsonb,
  price_version text, anomalies jsonb, latency_ms double precision, tags jsonb, metadata jsonb
);
drop type usage_event_row, usage_event_row_2, rollup_15m_row, rollup_day_row;

-- Events are the record: their new columns come from their charge lines, and all sums from the events. As operator,
-- since the tables' own role sees no row of them.
set local role farthing_operator;

update usage_events e set (cache_read_cost, cache_write_cost, reasoning_cost) = (
  select coalesce(sum((line ->> 4)::numeric) filter (where line ->> 0 like '%\_cache\_read'), 0),
         coalesce(sum((line ->> 4)::numeric) filter (where line ->> 0 like 'input\_cache\_write%'), 0),
         coalesce(sum((line ->> 4)::numeric) filter (where line ->> 0 = 'output_reasoning'), 0)
    from jsonb_array_elements(e.charge) line);

delete from rollups_15m;
delete from rollups_day;

do $$
declare
  names text := (select string_agg(format('l%s', lpad(i::text, 2, '0')), ', ' order by i) from generate_series(0, 39) i);
  counted text := (select string_agg(format('nullif(count(*) filter (where bin = %s), 0)', i), ', ' order by i)
                     from generate_series(0, 39) i);
  added text := (select string_agg(format('sum(l%s)', lpad(i::text, 2, '0')), ', ' order by i)
                   from generate_series(0, 39) i);
  columns text := 'tenant_id, dimension, bucket, value, provider, model, operation, requests, errors,
    unpriced_requests, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens,
    timed_requests, latency_us, input_cost, output_cost, other_cost, total_cost, cache_read_cost, cache_write_cost,
    reasoning_cost, list_cost';
begin
  execute format($sql$
    insert into rollups_15m (%s, %s)
    select tenant_id, dimension, date_bin('15 minutes', event_time, timestamptz '2000-01-01 00:00Z'), value, provider,
           model, operation, count(*), count(*) filter (where status <> 'ok'), count(*) filter (where not priced),
           sum(input_tokens), sum(output_tokens), sum(cache_read_tokens), sum(cache_write_tokens),
           sum(reasoning_tokens), count(us), coalesce(sum(us), 0),
           coalesce(sum(input_cost) filter (where priced), 0), coalesce(sum(output_cost) filter (where priced), 0),
           coalesce(sum(other_cost) filter (where priced), 0), coalesce(sum(total_cost), 0),
           coalesce(sum(cache_read_cost) filter (where priced), 0),
           coalesce(sum(cache_write_cost) filter (where priced), 0),
           coalesce(sum(reasoning_cost) filter (where priced), 0), coalesce(sum(list_cost) filter (where priced), 0), %s
      from usage_events e
     cross join lateral (select total_cost is not null as priced, floor(latency_ms * 1000 + 0.5)::bigint as us) facts
     cross join lateral (select latency_bin(us) as bin) place
     cross join lateral (
       select 'all' as dimension, '' as value
       union all
       select * from (values ('project', project), ('environment', environment), ('agent', agent),
                             ('api_key', api_key_id::text), ('user', user_id), ('workflow', workflow)) own (d, v)
        where v <> ''
       union all
       select 'tag.' || key, value from jsonb_each_text(tags) where value <> '') dimensions
     group by 1, 2, 3, 4, 5, 6, 7$sql$, columns, names, counted);
  execute format($sql$
    insert into rollups_day (%s, %s)
    select tenant_id, dimension, (bucket at time zone t.time_zone)::date, value, provider, model, operation,
           sum(requests), sum(errors), sum(unpriced_requests), sum(input_tokens), sum(output_tokens),
           sum(cache_read_tokens), sum(cache_write_tokens), sum(reasoning_tokens), sum(timed_requests),
           sum(latency_us), sum(input_cost), sum(output_cost), sum(other_cost), sum(total_cost), sum(cache_read_cost),
           sum(cache_write_cost), sum(reasoning_cost), sum(list_cost), %s
      from rollups_15m join tenants t on t.id = tenant_id
     group by 1, 2, 3, 4, 5, 6, 7$sql$, columns, names, added);
end $$;

reset role;
