/** `/api/ops/alerts`: what has been reached. */
import { z } from 'zod';
import { instantText, nextCursor, usdNumber } from '../values.ts';
import { SEVERITIES, THRESHOLD_PERIODS, THRESHOLD_SCOPES } from './thresholds.ts';

/** The kind of alert: for agents by per cent of their limit, for everything else by amount. */
export const ALERT_NAMES = [
  'agent_budget_threshold',
  'daily_threshold',
  'weekly_threshold',
  'monthly_threshold',
] as const;
export type AlertName = (typeof ALERT_NAMES)[number];

export const alertAnswer = z
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
    period: z.enum(THRESHOLD_PERIODS),
    period_start: instantText,
    threshold_id: z
      .string()
      .nullable()
      .meta({ description: 'The threshold that told it; null for those of agents.' }),
    superseded_by: z.string().nullable().meta({
      description:
        'The alert about a higher threshold that the same spend reached at the same time; null: this one stands for itself.',
    }),
    created_at: instantText,
  })
  .meta({ id: 'Alert' });

export const alertsAnswer = z.object({ alerts: z.array(alertAnswer), next_cursor: nextCursor });
