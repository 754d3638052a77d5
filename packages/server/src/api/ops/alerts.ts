/** `GET /api/ops/alerts`: alerts; each first page evaluates the thresholds again. */
import { ALERT_NAMES, alertsAnswer, SEVERITIES, THRESHOLD_SCOPES } from '@farthing/contract';
import { z } from 'zod';
import type { Alert } from '../../alerts/alert.ts';
import { readableTenant } from '../../http/callers/access.ts';
import { exactNumber } from '../../http/money.ts';
import { filterValueInput } from '../../ledger/event-filter.ts';
import { cursorInput } from '../../parameters/page-cursor.ts';
import { endpoint } from '../endpoint.ts';
import { integerParameter, rangeParameters } from '../query-parameters.ts';

export const getAlerts = endpoint({
  access: 'usage:read',
  summary: 'Alerts, newest first; what has been reached since is told first.',
  description:
    'Every agent is told about at 50 % (info), 75 % (warning), 90 % and 100 % (critical) of its monthly limit, everything else by thresholds. Each crossing is told once: per agent, month, limit and share, or per threshold, amount, subject and period. Where spend jumps over several thresholds at once the highest one is listed, and the lower ones, unless they are more severe, only with `superseded=shown`. `from` and `to` bound when it was told.',
  tags: ['alerts'],
  query: z.strictObject({
    ...rangeParameters,
    severity: z.enum(SEVERITIES).optional(),
    alert_name: z.enum(ALERT_NAMES).optional(),
    scope: z.enum(THRESHOLD_SCOPES).optional(),
    subject: filterValueInput.min(1).optional().meta({ description: 'Name of the agent, project, …' }),
    superseded: z
      .enum(['hidden', 'shown'])
      .default('hidden')
      .meta({ description: '`shown`: lower thresholds too that were reached together with a higher one.' }),
    cursor: cursorInput.optional().meta({ description: '`next_cursor` of the page before.' }),
    limit: integerParameter(1, 1000).default(50).meta({ description: 'Alerts of one page.' }),
  }),
  answer: alertsAnswer,
  errors: ['unknown_tenant'],
  examples: [
    { name: 'the newest' },
    { name: 'every crossing of one agent', query: { subject: 'crawler', superseded: 'shown' } },
    { name: 'critical ones of agents', query: { severity: 'critical', scope: 'agent' } },
  ],
  async handle({ context: { alerts }, identity, query }) {
    const { tenant: asked, alert_name: alertName, ...rest } = query;
    const tenant = readableTenant(identity, asked);
    if (rest.cursor === undefined) await alerts.evaluate(tenant);
    const page = await alerts.list(tenant, { ...rest, alertName });
    return { alerts: page.alerts.map(alertOf), next_cursor: page.nextCursor };
  },
});

const alertOf = (one: Alert) => ({
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
