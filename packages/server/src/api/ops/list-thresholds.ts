/** `GET /api/ops/alerts/thresholds`: at which amounts spend is told. */
import { z } from 'zod';
import { AGENT_THRESHOLDS } from '../../alerts/agent-thresholds.ts';
import { listThresholds } from '../../alerts/list-thresholds.ts';
import { MAX_THRESHOLDS, SEVERITIES } from '../../alerts/threshold.ts';
import { readableTenant } from '../../http/callers/access.ts';
import { cursorInput } from '../../parameters/page-cursor.ts';
import { tenantInput } from '../../parameters/tenant.ts';
import { endpoint } from '../endpoint.ts';
import { integerParameter } from '../query-parameters.ts';
import { nextCursor } from '../schemas.ts';
import { threshold, thresholdOf } from './alert-schemas.ts';

export const listAlertThresholds = endpoint({
  access: 'usage:read',
  summary: 'At which amounts spend is told.',
  description:
    'Oldest first. A key of one tenant sees the thresholds of that tenant. `agent_budget` are the shares of every agent’s monthly limit, which always apply.',
  tags: ['alerts'],
  query: z.strictObject({
    tenant: tenantInput.optional(),
    cursor: cursorInput.optional().meta({ description: '`next_cursor` of the page before.' }),
    limit: integerParameter(1, MAX_THRESHOLDS).default(MAX_THRESHOLDS),
  }),
  answer: z.object({
    thresholds: z.array(threshold),
    agent_budget: z.array(z.object({ threshold_pct: z.number(), severity: z.enum(SEVERITIES) })),
    next_cursor: nextCursor,
  }),
  examples: [{ name: 'all' }],
  async handle({ context: { alerts }, identity, query: { tenant, ...page } }) {
    const found = await listThresholds(alerts.thresholds, readableTenant(identity, tenant), page);
    return {
      thresholds: found.thresholds.map(thresholdOf),
      agent_budget: AGENT_THRESHOLDS.map(({ pct, severity }) => ({ threshold_pct: pct, severity })),
      next_cursor: found.nextCursor,
    };
  },
});
