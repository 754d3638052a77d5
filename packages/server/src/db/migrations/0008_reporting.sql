-- Views for psql, BI and Grafana, under the names people ask for. They are always fresh: rollups are written with the
-- events. Amounts are numeric USD; an unpriced event has a null cost and is left out of sums, never counted as zero.
--
-- farthing_reporting is a group role without login. A login in it sees the tenants that reporting_logins gives it and
-- nothing else, in the views and in the few columns under them: the policies ask session_user, which `set role` and
-- `set farthing.tenant` cannot change.
do $$
begin
  if not exists (select from pg_roles where rolname = 'farthing_reporting') then
    begin
      create role farthing_reporting nologin;
    exception when duplicate_object or unique_violation then null; -- roles are cluster-wide: another database made it
    end;
  end if;
end $$;

create table reporting_logins (
  login       text primary key,
  tenant_id   text references tenants,  -- null: every tenant
  created_at  timestamptz not null default now(),
  created_by  text not null
);
alter table reporting_logins enable row level security;
alter table reporting_logins force row level security;
create policy operator on reporting_logins to farthing_operator using (true) with check (true);
create policy reporting on reporting_logins for select to farthing_reporting using (login = session_user);
grant select, insert, update, delete on reporting_logins to farthing_operator;
grant select on reporting_logins to farthing_reporting;

create policy reporting on tenants for select to farthing_reporting
  using (exists (select from reporting_logins l
                  where l.login = session_user and (l.tenant_id is null or l.tenant_id = tenants.id)));
grant select (id, name, time_zone) on tenants to farthing_reporting;

do $$
declare table_name text;
begin
  foreach table_name in array array['usage_events', 'rollups_day', 'agents'] loop
    -- The array is made once per statement.
    execute format('create policy reporting on %I for select to farthing_reporting
                    using (tenant_id = any (array(select id from tenants)))', table_name);
  end loop;
end $$;

grant select (tenant_id, id, event_time, received_at, door, provider, model, requested_model, operation, status, project,
              environment, agent, user_id, workflow, task, session, request_id, service_tier, input_tokens,
              output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, input_cost, output_cost,
              other_cost, total_cost, list_cost, reported_cost, usage_source, price_version, latency_ms, tags, metadata)
  on usage_events to farthing_reporting;
grant select on rollups_day to farthing_reporting;
grant select (tenant_id, id, name, created_at, max_monthly_cost_usd, status, paused_at, paused_by, pause_reason,
              spend_reset_month, spend_reset_cost_usd, spend_reset_requests) on agents to farthing_reporting;
grant select on agent_defaults to farthing_reporting;

-- Alerts about the sum of all tenants are for those who see all of them.
create policy reporting on alerts for select to farthing_reporting
  using (tenant_id = any (array(select id from tenants))
         or (tenant_id is null
             and exists (select from reporting_logins l where l.login = session_user and l.tenant_id is null)));
grant select on alerts to farthing_reporting;

create schema reporting;
grant usage on schema reporting to farthing_reporting;
do $$ begin execute format('grant usage on schema %I to farthing_reporting', current_schema()); end $$;

-- One row per call -------------------------------------------------------------------------------------------------

create view reporting.llm_cost_log with (security_invoker) as
select e.id, e.tenant_id, a.id as agent_id, e.agent as agent_name, e.operation, e.provider, e.model,
       e.input_tokens as tokens_input, e.output_tokens as tokens_output,
       e.input_tokens + e.output_tokens as tokens_total,
       e.total_cost as cost_usd, e.request_id as correlation_id, e.project, e.environment, e.user_id,
       e.workflow as workflow_id, e.task as task_id, e.status, e.latency_ms, e.tags, e.metadata,
       e.event_time as created_at
  from usage_events e
  left join agents a on a.tenant_id = e.tenant_id and a.name = e.agent;

create view reporting.llm_usage with (security_invoker) as
select id, workflow as workflow_id, tenant_id, user_id, task as task_id, provider, model, input_tokens, output_tokens,
       input_tokens + output_tokens as total_tokens,
       case when total_cost is not null then input_cost end as input_cost_usd,
       case when total_cost is not null then output_cost end as output_cost_usd,
       case when total_cost is not null then other_cost end as other_cost_usd,
       total_cost as total_cost_usd, latency_ms, metadata, event_time as created_at
  from usage_events;

create view reporting.llm_usage_events with (security_invoker) as
select tenant_id, id, request_id, event_time as created_at, received_at, door, operation, status, provider, model,
       requested_model, service_tier, project, environment, agent, user_id, workflow as workflow_id, task as task_id,
       session, input_tokens, output_tokens, input_tokens + output_tokens as total_tokens, cache_read_tokens,
       cache_write_tokens, reasoning_tokens, input_cost as input_cost_usd, output_cost as output_cost_usd,
       other_cost as other_cost_usd, total_cost as total_cost_usd, list_cost as list_cost_usd,
       reported_cost as reported_cost_usd, price_version, usage_source, latency_ms, tags, metadata
  from usage_events;

-- Sums, from the rollups. Days are the tenant's own, in its reporting zone -----------------------------------------

create view reporting.daily_llm_costs with (security_invoker) as
select tenant_id, bucket as usage_date, provider, model,
       sum(requests)::bigint as request_count, sum(errors)::bigint as error_count,
       sum(unpriced_requests)::bigint as unpriced_count,
       sum(input_tokens)::bigint as total_input_tokens, sum(output_tokens)::bigint as total_output_tokens,
       sum(input_tokens + output_tokens)::bigint as total_tokens,
       sum(total_cost) as total_cost_usd,
       round(sum(latency_us) / 1000.0 / nullif(sum(timed_requests), 0), 3) as avg_latency_ms
  from rollups_day
 where dimension = 'all'
 group by tenant_id, bucket, provider, model
having sum(requests) > 0;

create view reporting.cost_by_day with (security_invoker) as
select tenant_id, bucket as usage_date, sum(requests)::bigint as operation_count,
       sum(input_tokens)::bigint as tokens_input, sum(output_tokens)::bigint as tokens_output,
       sum(total_cost) as total_cost_usd, sum(unpriced_requests)::bigint as unpriced_count
  from rollups_day
 where dimension = 'all'
 group by tenant_id, bucket
having sum(requests) > 0;

create view reporting.cost_by_model with (security_invoker) as
select tenant_id, provider, model, sum(requests)::bigint as operation_count,
       sum(input_tokens)::bigint as tokens_input, sum(output_tokens)::bigint as tokens_output,
       sum(total_cost) as total_cost_usd, sum(unpriced_requests)::bigint as unpriced_count
  from rollups_day
 where dimension = 'all'
 group by tenant_id, provider, model
having sum(requests) > 0;

create view reporting.cost_by_operation with (security_invoker) as
select tenant_id, operation, sum(requests)::bigint as operation_count,
       sum(input_tokens)::bigint as tokens_input, sum(output_tokens)::bigint as tokens_output,
       sum(total_cost) as total_cost_usd, sum(unpriced_requests)::bigint as unpriced_count
  from rollups_day
 where dimension = 'all'
 group by tenant_id, operation
having sum(requests) > 0;

create view reporting.agent_cost_summary with (security_invoker) as
select r.tenant_id, a.id as agent_id, r.value as agent_name, date_trunc('month', r.bucket)::date as month,
       sum(r.requests)::bigint as operation_count, sum(r.input_tokens)::bigint as tokens_input,
       sum(r.output_tokens)::bigint as tokens_output, sum(r.total_cost) as total_cost_usd,
       sum(r.unpriced_requests)::bigint as unpriced_count
  from rollups_day r
  left join agents a on a.tenant_id = r.tenant_id and a.name = r.value
 where r.dimension = 'agent'
 group by r.tenant_id, a.id, r.value, date_trunc('month', r.bucket)::date
having sum(r.requests) > 0;

-- Agents and alerts --------------------------------------------------------------------------------------------------

create view reporting.agent_registry with (security_invoker) as
select a.tenant_id, a.id as agent_id, a.name as agent_name,
       coalesce(a.max_monthly_cost_usd, d.max_monthly_cost_usd) as max_monthly_cost_usd,
       a.status = 'active' as is_active, a.status, a.paused_at, a.paused_by, a.pause_reason, a.created_at
  from agents a cross join agent_defaults d;

-- The month under way in the tenant's reporting zone; what was set back in it is taken off.
create view reporting.agent_current_month_cost with (security_invoker) as
with months as (
  select id as tenant_id, date_trunc('month', now() at time zone time_zone)::date as month from tenants
), spent as (
  select r.tenant_id, r.value as agent_name, sum(r.total_cost) as cost_usd, sum(r.requests)::bigint as requests
    from months m join rollups_day r on r.tenant_id = m.tenant_id and r.dimension = 'agent' and r.bucket >= m.month
                                    and r.bucket < (m.month + interval '1 month')::date
   group by r.tenant_id, r.value
), current as (
  select a.tenant_id, a.id as agent_id, a.name as agent_name, m.month,
         coalesce(a.max_monthly_cost_usd, d.max_monthly_cost_usd) as max_monthly_cost_usd,
         greatest(coalesce(s.cost_usd, 0) - case when a.spend_reset_month = m.month then a.spend_reset_cost_usd else 0 end, 0)
           as current_cost_usd,
         greatest(coalesce(s.requests, 0) - case when a.spend_reset_month = m.month then a.spend_reset_requests else 0 end, 0)
           as operation_count,
         a.status = 'active' as is_active
    from agents a
    join months m on m.tenant_id = a.tenant_id
    cross join agent_defaults d
    left join spent s on s.tenant_id = a.tenant_id and s.agent_name = a.name
)
select tenant_id, agent_id, agent_name, month, max_monthly_cost_usd, current_cost_usd,
       current_cost_usd as total_cost_usd,
       max_monthly_cost_usd - current_cost_usd as remaining_usd,
       coalesce(round(100 * current_cost_usd / nullif(max_monthly_cost_usd, 0), 2),
                case when current_cost_usd > 0 then 100 else 0 end) as utilization_pct,
       operation_count, is_active
  from current;

create view reporting.alerts with (security_invoker) as
select id, tenant_id, alert_name, severity, message, metric_value, threshold, cost_usd, limit_usd, scope, subject,
       period, period_start, created_at
  from alerts;

do $$
declare view_name text;
begin
  for view_name in select table_name from information_schema.views where table_schema = 'reporting' loop
    execute format('grant select on reporting.%I to farthing_reporting', view_name);
  end loop;
end $$;
