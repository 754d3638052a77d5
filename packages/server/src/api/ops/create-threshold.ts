/** `POST /api/ops/alerts/thresholds`: tells spend at an amount. */
import { readThreshold, thresholdInput } from '../../alerts/threshold.ts';
import { readableTenant } from '../../http/callers/access.ts';
import { tenantInput } from '../../parameters/tenant.ts';
import { actorOf } from '../../tenants/identity.ts';
import { endpoint } from '../endpoint.ts';
import { threshold, thresholdOf } from './alert-schemas.ts';

export const createAlertThreshold = endpoint({
  access: 'alerts:write',
  summary: 'Tells spend at an amount, once per period.',
  description:
    'Of the caller’s tenant. An administrator names `tenant`, or leaves it out for every tenant alike (scope `instance`: for the sum of all). A threshold that is reached already is told with the next look at `/api/ops/alerts`.',
  tags: ['alerts'],
  status: 201,
  body: thresholdInput.extend({ tenant: tenantInput.optional() }),
  answer: threshold,
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
