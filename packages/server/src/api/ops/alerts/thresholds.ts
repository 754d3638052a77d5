/** `/api/ops/alerts/thresholds`: the amounts at which spend is reported. */
import { AppError, thresholdAnswer, thresholdsAnswer } from '@farthing/contract';
import { printUsd } from '@farthing/pricing';
import { z } from 'zod';
import { AGENT_THRESHOLDS } from '../../../alerts/agent-thresholds.ts';
import { listThresholds } from '../../../alerts/list-thresholds.ts';
import { MAX_THRESHOLDS, readThreshold, type Threshold, thresholdInput } from '../../../alerts/threshold.ts';
import { readableTenant } from '../../../http/callers/access.ts';
import { exactNumber } from '../../../http/money.ts';
import { cursorInput } from '../../../parameters/page-cursor.ts';
import { tenantInput } from '../../../parameters/tenant.ts';
import { actorOf } from '../../../tenants/identity.ts';
import { endpoint } from '../../endpoint.ts';
import { integerParameter } from '../../query-parameters.ts';

const byId = z.strictObject({ id: z.string().min(1).max(64) });
const ONE = '01930000-0000-7000-8000-00000000000d';

/** `GET`. */
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
  answer: thresholdsAnswer,
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

/** `POST`. */
export const createAlertThreshold = endpoint({
  access: 'alerts:write',
  summary: 'Tells spend at an amount, once per period.',
  description:
    'Of the caller’s tenant. An administrator names `tenant`, or leaves it out for every tenant alike (scope `instance`: for the sum of all). A threshold that is reached already is told with the next look at `/api/ops/alerts`.',
  tags: ['alerts'],
  status: 201,
  body: thresholdInput.extend({ tenant: tenantInput.optional() }),
  answer: thresholdAnswer,
  errors: ['conflict', 'forbidden', 'unknown_tenant'],
  examples: [
    { name: 'a tenant’s day', body: { period: 'day', amount_usd: 100 } },
    {
      name: 'one agent’s week',
      body: { scope: 'agent', subject: 'crawler', period: 'week', amount_usd: '12.50' },
    },
  ],
  async handle({ context: { alerts }, identity, body: { tenant: asked, ...input } }) {
    const tenant = readableTenant(identity, asked);
    const terms = readThreshold(input, tenant);
    return thresholdOf(await alerts.thresholds.create(tenant, terms, actorOf(identity)));
  },
});

/** `GET /:id`. */
export const getAlertThreshold = endpoint({
  access: 'usage:read',
  summary: 'One threshold.',
  tags: ['alerts'],
  params: byId,
  answer: thresholdAnswer,
  errors: ['not_found'],
  examples: [{ name: 'one', params: { id: ONE } }],
  async handle({ context: { alerts }, identity, params }) {
    return thresholdOf(existing(await alerts.thresholds.find(identity.tenantId, params.id)));
  },
});

/** `PUT /:id`: puts other terms in the place of all. */
export const replaceAlertThreshold = endpoint({
  access: 'alerts:write',
  summary: 'Replaces a threshold: what is left out goes back to its default.',
  description: 'Its tenant stays. With another amount it can be reached anew in the current period.',
  tags: ['alerts'],
  params: byId,
  body: thresholdInput,
  answer: thresholdAnswer,
  errors: ['not_found', 'forbidden'],
  examples: [
    {
      name: 'a tenant’s month, of five hundred dollars',
      params: { id: ONE },
      body: { period: 'month', amount_usd: '500' },
    },
  ],
  async handle({ context: { alerts }, identity, params: { id }, body }) {
    const there = existing(await alerts.thresholds.find(identity.tenantId, id));
    const terms = readThreshold(body, there.tenant);
    return thresholdOf(
      existing(await alerts.thresholds.replace(identity.tenantId, id, terms, actorOf(identity))),
    );
  },
});

/** `DELETE /:id`. */
export const removeAlertThreshold = endpoint({
  access: 'alerts:write',
  summary: 'Removes a threshold and answers what it was; the alerts it told stay.',
  tags: ['alerts'],
  params: byId,
  answer: thresholdAnswer,
  errors: ['not_found'],
  examples: [{ name: 'one', params: { id: ONE } }],
  async handle({ context: { alerts }, identity, params: { id } }) {
    return thresholdOf(existing(await alerts.thresholds.remove(identity.tenantId, id, actorOf(identity))));
  },
});

/** The threshold, or 404 also for one of another tenant. */
function existing<One>(threshold: One | null): One {
  if (threshold === null) throw new AppError('not_found', 'There is no such threshold.');
  return threshold;
}

const thresholdOf = (one: Threshold) => ({
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
