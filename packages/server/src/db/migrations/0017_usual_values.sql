-- What others tell is kept as null. Of events: counts and costs of 0, the standard tier, counts that the provider reported, and
-- '=' for a requested model that is the one that answered. Of sums: a list cost that is the cost, an input cost that is the
-- cost less output and other, timed requests that are all requests. Nothing is rewritten: rows that are there keep their
-- values, and both are read alike.

alter table usage_events
  alter column service_tier drop not null,
  alter column usage_source drop not null,
  alter column cache_read_tokens drop not null,
  alter column cache_write_tokens drop not null,
  alter column reasoning_tokens drop not null,
  alter column other_cost drop not null,
  alter column cache_read_cost drop not null, alter column cache_read_cost drop default,
  alter column cache_write_cost drop not null, alter column cache_write_cost drop default,
  alter column reasoning_cost drop not null, alter column reasoning_cost drop default;

alter table rollups_15m
  alter column input_cost drop not null,
  alter column list_cost drop not null, alter column list_cost drop default,
  alter column timed_requests drop not null, alter column timed_requests drop default;
alter table rollups_day
  alter column input_cost drop not null,
  alter column list_cost drop not null, alter column list_cost drop default,
  alter column timed_requests drop not null, alter column timed_requests drop default;

create or replace function explained(pattern integer, e usage_events, numbers text) returns jsonb
language sql stable parallel safe as $$
  select format(p.body, variadic own.args || array(
           select trim_scale(div(own.args[place]::numeric * rate * 1000000000000, per) * 0.000000000001)::text
             from unnest(p.product_of, p.product_rates, p.product_pers) with ordinality as product (place, rate, per, n)
            order by n))::jsonb
    from explanation_patterns p
   cross join lateral (
     select coalesce(e.cache_read_tokens, 0) as cache_read, coalesce(e.cache_write_tokens, 0) as cache_write,
            coalesce(e.reasoning_tokens, 0) as reasoning) counted
   cross join lateral (
     select array[e.input_tokens, e.output_tokens, cache_read, cache_write, reasoning,
                  e.input_tokens - cache_read - cache_write, e.output_tokens - reasoning,
                  e.input_tokens + e.output_tokens]::text[] || string_to_array(numbers, ',') as args) own
   where p.id = pattern
$$;

create or replace view reporting.llm_usage with (security_invoker) as
select id, workflow as workflow_id, tenant_id, user_id, task as task_id, provider, model, input_tokens, output_tokens,
       input_tokens + output_tokens as total_tokens,
       case when total_cost is not null then input_cost end as input_cost_usd,
       case when total_cost is not null then output_cost end as output_cost_usd,
       case when total_cost is not null then coalesce(other_cost, 0)::numeric(38,12) end as other_cost_usd,
       total_cost as total_cost_usd, latency_ms, metadata, event_time as created_at
  from usage_events;

create or replace view reporting.llm_usage_events with (security_invoker) as
select tenant_id, id, request_id, event_time as created_at, received_at, door, operation, status, provider, model,
       case when requested_model = '=' then model
            when requested_model like '=%' then substr(requested_model, 2) else requested_model end as requested_model,
       coalesce(service_tier, 'standard') as service_tier, project, environment, agent, user_id, workflow as workflow_id,
       task as task_id, session, input_tokens, output_tokens, input_tokens + output_tokens as total_tokens,
       coalesce(cache_read_tokens, 0) as cache_read_tokens, coalesce(cache_write_tokens, 0) as cache_write_tokens,
       coalesce(reasoning_tokens, 0) as reasoning_tokens, input_cost as input_cost_usd, output_cost as output_cost_usd,
       coalesce(other_cost, 0)::numeric(38,12) as other_cost_usd, total_cost as total_cost_usd,
       list_cost as list_cost_usd, reported_cost as reported_cost_usd,
       coalesce(price_version, (select p.price_version from explanation_patterns p where p.id = e.charge_pattern))
         as price_version,
       coalesce(usage_source, 'reported') as usage_source, latency_ms, tags, metadata
  from usage_events e;

create or replace view reporting.daily_llm_costs with (security_invoker) as
select tenant_id, bucket as usage_date, provider, model,
       sum(requests)::bigint as request_count, coalesce(sum(errors), 0)::bigint as error_count,
       coalesce(sum(unpriced_requests), 0)::bigint as unpriced_count,
       sum(input_tokens)::bigint as total_input_tokens, sum(output_tokens)::bigint as total_output_tokens,
       sum(input_tokens + output_tokens)::bigint as total_tokens,
       sum(total_cost) as total_cost_usd,
       round(sum(latency_us) / 1000.0 / nullif(sum(coalesce(timed_requests, requests)), 0), 3) as avg_latency_ms
  from rollups_day
 where dimension = 'all'
 group by tenant_id, bucket, provider, model
having sum(requests) > 0;

-- An older server would take null for nothing. Under new names it finds no row type: what it cannot write waits in its spool.
alter type usage_event_row_4 rename to usage_event_row_5;
alter type rollup_15m_row_3 rename to rollup_15m_row_4;
alter type rollup_day_row_3 rename to rollup_day_row_4;
