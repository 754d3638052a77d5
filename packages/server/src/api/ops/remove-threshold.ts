/** `DELETE /api/ops/alerts/thresholds/:id`: tells it no more. */
import { actorOf } from '../../tenants/identity.ts';
import { endpoint } from '../endpoint.ts';
import { threshold, thresholdOf } from './alert-schemas.ts';
import { found, thresholdPath } from './threshold-path.ts';

export const removeAlertThreshold = endpoint({
  access: 'alerts:write',
  summary: 'Removes a threshold and answers what it was; the alerts it told stay.',
  tags: ['alerts'],
  params: thresholdPath,
  answer: threshold,
  errors: ['not_found'],
  examples: [{ name: 'one', params: { id: '01930000-0000-7000-8000-00000000000d' } }],
  async handle({ context: { alerts }, identity, params: { id } }) {
    return thresholdOf(found(await alerts.thresholds.remove(identity.tenantId, id, actorOf(identity))));
  },
});
