/** Thresholds and alerts as they are answered. */
import { printUsd } from '@farthing/pricing';
import { z } from 'zod';
import { ALERT_NAMES, type Alert } from '../../alerts/alert.ts';
import { PERIODS, SEVERITIES, THRESHOLD_SCOPES, type Threshold } from '../../alerts/threshold.ts';
import { exactNumber } from '../../http/money.ts';
import { instant, usdNumber } from '../schemas.ts';

export const threshold = z
  .object({
    id: z.string(),
    tenant: z
      .string()
      .nullable()
      .meta({ description: 'Null: kept by administrators, for every tenant or their sum.' }),
    name: z.string().nullable(),
    scope: z.enum(THRESHOLD_SCOPES),
    subject: z.string().nullable().meta({ description: 'Null: each project, agent, … on its own.' }),
    period: z.enum(PERIODS),
    amount_usd: usdNumber,
    severity: z.enum(SEVERITIES),
    enabled: z.boolean(),
    created_by: z.string(),
    created_at: instant,
    updated_at: instant,
  })
  .meta({ id: 'AlertThreshold' });

export const thresholdOf = (one: Threshold) => ({
  id: one.id,
  tenant: one.tenant,
  name: one.name,
  scope: one.scope,
  subject: one.subject,
  period: one.period,
  amount_usd: exactNumber(printUsd(one.amountPicos)),
  severity: one.severity,
  enabled: one.enabled,
  created_by: one.createdBy,
  created_at: one.createdAt.toISOString(),
  updated_at: one.updatedAt.toISOString(),
});

export const alert = z
  .object({
    id: z.string(),
    tenant: z.string().nullable().meta({ description: 'Null: about the sum of all tenants.' }),
    alert_name: z.enum(ALERT_NAMES),
    severity: z.enum(SEVERITIES),
    message: z.string(),
    metric_value: usdNumber.meta({
      id: 'MetricValue',
      description: 'Per cent of the limit for `agent_budget_threshold`, USD for the others.',
    }),
    threshold: usdNumber.meta({
      id: 'ThresholdValue',
      description: 'What was reached, in the unit of `metric_value`.',
    }),
    cost_usd: usdNumber,
    limit_usd: usdNumber,
    scope: z.enum(THRESHOLD_SCOPES),
    subject: z.string().nullable(),
    period: z.enum(PERIODS),
    period_start: instant,
    threshold_id: z
      .string()
      .nullable()
      .meta({ description: 'The threshold that told it; null for those of agents.' }),
    superseded_by: z.string().nullable().meta({
      description:
        'The alert about a higher threshold that the same spend reached at the same time; null: this one stands for itself.',
    }),
    created_at: instant,
  })
  .meta({ id: 'Alert' });

export const alertOf = (one: Alert) => ({
  id: one.id,
  tenant: one.tenant,
  alert_name: one.alertName,
  severity: one.severity,
  message: one.message,
  metric_value: exactNumber(one.metricValue),
  threshold: exactNumber(one.threshold),
  cost_usd: exactNumber(one.costUsd),
  limit_usd: exactNumber(one.limitUsd),
  scope: one.scope,
  subject: one.subject,
  period: one.period,
  period_start: one.periodStart.toISOString(),
  threshold_id: one.thresholdId,
  superseded_by: one.supersededBy,
  created_at: one.createdAt.toISOString(),
});
