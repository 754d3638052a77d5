-- What led to an event's cost, without what many events have in common: sentences, names, rates, the id of the card. That
-- stands once in explanation_patterns, by its content and for good, as cards do; the event names its patterns and keeps the
-- numbers that are its own. Events that are there keep their documents: both are read by the same functions.

create table explanation_patterns (
  id             integer generated always as identity primary key,
  hash           uuid not null unique,  -- the first half of SHA-256 of the content
  -- JSON text for format(): %1$s … %8$s are sums of the event's tokens (see explained), then come its own numbers, then
  -- the products below.
  body           text not null,
  -- Amounts that are quantity × rate ÷ per without rounding: the place of the quantity, the rate, its scale.
  product_of     integer[] not null default '{}',
  product_rates  numeric[] not null default '{}',
  product_pers   numeric[] not null default '{}',
  price_version  text,  -- of a charge: the price book that was asked
  first_used_at  timestamptz not null default now()
);
grant select on explanation_patterns to farthing_reader, farthing_operator;
grant select, insert on explanation_patterns to farthing_writer;
grant insert on explanation_patterns to farthing_operator;
grant select (id, price_version) on explanation_patterns to farthing_reporting;

-- None of this touches a row. A document beside a pattern stands before it.
alter table usage_events
  alter column usage drop not null,
  alter column charge drop not null,
  alter column price_version drop not null,
  add column usage_pattern   integer,  -- stands for usage, and for raw_usage where that is null
  add column charge_pattern  integer,  -- stands for charge and price_version
  add column usage_numbers   text,     -- separated by commas
  add column charge_numbers  text;

create function explained(pattern integer, e usage_events, numbers text) returns jsonb
language sql stable parallel safe as $$
  select format(p.body, variadic own.args || array(
           select trim_scale(div(own.args[place]::numeric * rate * 1000000000000, per) * 0.000000000001)::text
             from unnest(p.product_of, p.product_rates, p.product_pers) with ordinality as product (place, rate, per, n)
            order by n))::jsonb
    from explanation_patterns p
   cross join lateral (
     select array[e.input_tokens, e.output_tokens, e.cache_read_tokens, e.cache_write_tokens, e.reasoning_tokens,
                  e.input_tokens - e.cache_read_tokens - e.cache_write_tokens, e.output_tokens - e.reasoning_tokens,
                  e.input_tokens + e.output_tokens]::text[] || string_to_array(numbers, ',') as args) own
   where p.id = pattern
$$;

-- The documents of an event, however they are stored.
create function usage_of(e usage_events) returns jsonb language sql stable parallel safe as $$
  select coalesce(e.usage, explained(e.usage_pattern, e, e.usage_numbers) -> 'usage')
$$;
create function raw_usage_of(e usage_events) returns jsonb language sql stable parallel safe as $$
  select coalesce(e.raw_usage, explained(e.usage_pattern, e, e.usage_numbers) -> 'raw')
$$;
create function charge_of(e usage_events) returns jsonb language sql stable parallel safe as $$
  select coalesce(e.charge, explained(e.charge_pattern, e, e.charge_numbers))
$$;
create function price_version_of(e usage_events) returns text language sql stable parallel safe as $$
  select coalesce(e.price_version, (select p.price_version from explanation_patterns p where p.id = e.charge_pattern))
$$;

-- Patterns travel by their hash. An older server finds its row type no more: it could not read what is written from here on,
-- so it shall not write either.
drop type usage_event_row_3;
create type usage_event_row_4 as (
  tenant_id text, id text, event_time timestamptz, door text, provider text, model text, requested_model text,
  operation text, status text, project text, environment text, agent text, user_id text, api_key_id uuid,
  workflow text, task text, session text, request_id text, trace_id text, span_id text, response_id text,
  service_tier text, input_tokens bigint, output_tokens bigint, cache_read_tokens bigint,
  cache_write_tokens bigint, reasoning_tokens bigint, input_cost numeric, output_cost numeric,
  other_cost numeric, total_cost numeric, list_cost numeric, cache_read_cost numeric, cache_write_cost numeric,
  reasoning_cost numeric, reported_cost text, usage_source text, usage jsonb, charge jsonb, raw_usage jsonb,
  price_version text, anomalies jsonb, latency_ms double precision, tags jsonb, metadata jsonb,
  usage_numbers text, charge_numbers text, usage_pattern uuid, charge_pattern uuid
);

grant select (charge_pattern) on usage_events to farthing_reporting;
create or replace view reporting.llm_usage_events with (security_invoker) as
select tenant_id, id, request_id, event_time as created_at, received_at, door, operation, status, provider, model,
       requested_model, service_tier, project, environment, agent, user_id, workflow as workflow_id, task as task_id,
       session, input_tokens, output_tokens, input_tokens + output_tokens as total_tokens, cache_read_tokens,
       cache_write_tokens, reasoning_tokens, input_cost as input_cost_usd, output_cost as output_cost_usd,
       other_cost as other_cost_usd, total_cost as total_cost_usd, list_cost as list_cost_usd,
       reported_cost as reported_cost_usd,
       coalesce(price_version, (select p.price_version from explanation_patterns p where p.id = e.charge_pattern))
         as price_version,
       usage_source, latency_ms, tags, metadata
  from usage_events e;
