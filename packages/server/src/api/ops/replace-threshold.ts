/** `PUT /api/ops/alerts/thresholds/:id`: puts other terms in the place of all. */
import { readThreshold, thresholdInput } from '../../alerts/threshold.ts';
import { actorOf } from '../../tenants/identity.ts';
import { endpoint } from '../endpoint.ts';
import { threshold, thresholdOf } from './alert-schemas.ts';
import { found, thresholdPath } from './threshold-path.ts';

export const replaceAlertThreshold = endpoint({
  access: 'alerts:write',
  summary: 'Replaces a threshold: what is left out goes back to its default.',
  description: 'Its tenant stays. With another amount it can be reached anew in the current period.',
  tags: ['alerts'],
  params: thresholdPath,
  body: thresholdInput,
  answer: threshold,
  errors: ['not_found', 'forbidden'],
  examples: [
    {
      name: 'a tenant’s month, of five hundred dollars',
      params: { id: '01930000-0000-7000-8000-00000000000d' },
      body: { period: 'month', amount_usd: '500' },
    },
  ],
  async handle({ context: { alerts }, identity, params: { id }, body }) {
    const there = found(await alerts.thresholds.find(identity.tenantId, id));
    const terms = readThreshold(body, there.tenant);
    return thresholdOf(
      found(await alerts.thresholds.replace(identity.tenantId, id, terms, actorOf(identity))),
    );
  },
});
