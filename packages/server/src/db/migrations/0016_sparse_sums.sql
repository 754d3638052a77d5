-- Sums that are mostly 0 are kept as null, which takes a bit: a row of sums is a fifth smaller. Nothing is rewritten: rows
-- that are there keep their zeros, and both are read and added to alike.
do $$
declare table_name text;
begin
  foreach table_name in array array['rollups_15m', 'rollups_day'] loop
    execute format('alter table %I
      alter column errors drop not null, alter column unpriced_requests drop not null,
      alter column cache_read_tokens drop not null, alter column cache_write_tokens drop not null,
      alter column reasoning_tokens drop not null, alter column other_cost drop not null,
      alter column cache_read_cost drop not null, alter column cache_write_cost drop not null,
      alter column reasoning_cost drop not null,
      alter column cache_read_cost drop default, alter column cache_write_cost drop default,
      alter column reasoning_cost drop default', table_name);
    -- Of new pages: a row is updated for as long as its quarter hour or day goes on, and rests for ever after.
    execute format('alter table %I set (fillfactor = %s)', table_name, case table_name when 'rollups_15m' then 95 else 90 end);
  end loop;
end $$;

-- An older server adds without minding null, which would lose what is there. Under new names it finds no row type: what
-- it cannot write waits in its spool.
alter type rollup_15m_row_2 rename to rollup_15m_row_3;
alter type rollup_day_row_2 rename to rollup_day_row_3;

create or replace view reporting.daily_llm_costs with (security_invoker) as
select tenant_id, bucket as usage_date, provider, model,
       sum(requests)::bigint as request_count, coalesce(sum(errors), 0)::bigint as error_count,
       coalesce(sum(unpriced_requests), 0)::bigint as unpriced_count,
       sum(input_tokens)::bigint as total_input_tokens, sum(output_tokens)::bigint as total_output_tokens,
       sum(input_tokens + output_tokens)::bigint as total_tokens,
       sum(total_cost) as total_cost_usd,
       round(sum(latency_us) / 1000.0 / nullif(sum(timed_requests), 0), 3) as avg_latency_ms
  from rollups_day
 where dimension = 'all'
 group by tenant_id, bucket, provider, model
having sum(requests) > 0;

create or replace view reporting.cost_by_day with (security_invoker) as
select tenant_id, bucket as usage_date, sum(requests)::bigint as operation_count,
       sum(input_tokens)::bigint as tokens_input, sum(output_tokens)::bigint as tokens_output,
       sum(total_cost) as total_cost_usd, coalesce(sum(unpriced_requests), 0)::bigint as unpriced_count
  from rollups_day
 where dimension = 'all'
 group by tenant_id, bucket
having sum(requests) > 0;

create or replace view reporting.cost_by_model with (security_invoker) as
select tenant_id, provider, model, sum(requests)::bigint as operation_count,
       sum(input_tokens)::bigint as tokens_input, sum(output_tokens)::bigint as tokens_output,
       sum(total_cost) as total_cost_usd, coalesce(sum(unpriced_requests), 0)::bigint as unpriced_count
  from rollups_day
 where dimension = 'all'
 group by tenant_id, provider, model
having sum(requests) > 0;

create or replace view reporting.cost_by_operation with (security_invoker) as
select tenant_id, operation, sum(requests)::bigint as operation_count,
       sum(input_tokens)::bigint as tokens_input, sum(output_tokens)::bigint as tokens_output,
       sum(total_cost) as total_cost_usd, coalesce(sum(unpriced_requests), 0)::bigint as unpriced_count
  from rollups_day
 where dimension = 'all'
 group by tenant_id, operation
having sum(requests) > 0;

create or replace view reporting.agent_cost_summary with (security_invoker) as
select r.tenant_id, a.id as agent_id, r.value as agent_name, date_trunc('month', r.bucket)::date as month,
       sum(r.requests)::bigint as operation_count, sum(r.input_tokens)::bigint as tokens_input,
       sum(r.output_tokens)::bigint as tokens_output, sum(r.total_cost) as total_cost_usd,
       coalesce(sum(r.unpriced_requests), 0)::bigint as unpriced_count
  from rollups_day r
  left join agents a on a.tenant_id = r.tenant_id and a.name = r.value
 where r.dimension = 'agent'
 group by r.tenant_id, a.id, r.value, date_trunc('month', r.bucket)::date
having sum(r.requests) > 0;
