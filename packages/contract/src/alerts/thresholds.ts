/** `/api/ops/alerts/thresholds`: amounts that raise an alert when spend reaches them. */
import { z } from 'zod';
import { instantText, nextCursor, usdNumber } from '../values.ts';

/** From the least to the most severe. */
export const SEVERITIES = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Over what spend is summed: calendar periods of the tenant's zone. */
export const THRESHOLD_PERIODS = ['day', 'week', 'month'] as const;
export type ThresholdPeriod = (typeof THRESHOLD_PERIODS)[number];

/** Whose spend: all tenants' together, a tenant's, or that of each (or one) of its projects, agents, … */
export const THRESHOLD_SCOPES = [
  'instance',
  'tenant',
  'project',
  'environment',
  'agent',
  'user',
  'workflow',
] as const;
export type ThresholdScope = (typeof THRESHOLD_SCOPES)[number];

export const thresholdAnswer = z
  .object({
    id: z.string(),
    tenant: z
      .string()
      .nullable()
      .meta({ description: 'Null: kept by administrators, for every tenant or their sum.' }),
    name: z.string().nullable(),
    scope: z.enum(THRESHOLD_SCOPES),
    subject: z.string().nullable().meta({ description: 'Null: each project, agent, … on its own.' }),
    period: z.enum(THRESHOLD_PERIODS),
    amount_usd: usdNumber,
    severity: z.enum(SEVERITIES),
    enabled: z.boolean(),
    created_by: z.string(),
    created_at: instantText,
    updated_at: instantText,
  })
  .meta({ id: 'AlertThreshold' });

export const thresholdsAnswer = z.object({
  thresholds: z.array(thresholdAnswer),
  agent_budget: z.array(z.object({ threshold_pct: z.number(), severity: z.enum(SEVERITIES) })),
  next_cursor: nextCursor,
});
