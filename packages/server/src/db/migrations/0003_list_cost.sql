-- What a call costs at the list price, beside what it is charged: they differ where a deployment records without
-- charging. Null = unpriced, as with total_cost.
alter table usage_events add column list_cost numeric(38,12);

-- Until now every call was charged at list price.
update usage_events set list_cost = total_cost where total_cost is not null;

create type usage_event_row_2 as (
  tenant_id text, id text, event_time timestamptz, door text, provider text, model text, requested_model text,
  operation text, status text, project text, environment text, agent text, user_id text, api_key_id uuid,
  workflow text, task text, session text, request_id text, trace_id text, span_id text, response_id text,
  service_tier text, input_tokens bigint, output_tokens bigint, cache_read_tokens bigint,
  cache_write_tokens bigint, reasoning_tokens bigint, input_cost numeric, output_cost numeric,
  other_cost numeric, total_cost numeric, list_cost numeric, reported_cost text, usage_source text, usage jsonb,
  charge jsonb, raw_usage jsonb, price_version text, anomalies jsonb, latency_ms double precision, tags jsonb,
  metadata jsonb
);
