-- One jump of spend can cross several thresholds at once: all are kept, and the lower ones say which one says it all.
-- Null: it stands for itself. No reference, as of threshold_id: rows of one evaluation come and go together.
alter table alerts add column superseded_by bigint;

create or replace view reporting.alerts with (security_invoker) as
select id, tenant_id, alert_name, severity, message, metric_value, threshold, cost_usd, limit_usd, scope, subject,
       period, period_start, created_at, superseded_by
  from alerts;
