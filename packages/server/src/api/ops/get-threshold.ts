/** `GET /api/ops/alerts/thresholds/:id`: one threshold. */
import { endpoint } from '../endpoint.ts';
import { threshold, thresholdOf } from './alert-schemas.ts';
import { found, thresholdPath } from './threshold-path.ts';

export const getAlertThreshold = endpoint({
  access: 'usage:read',
  summary: 'One threshold.',
  tags: ['alerts'],
  params: thresholdPath,
  answer: threshold,
  errors: ['not_found'],
  examples: [{ name: 'one', params: { id: '01930000-0000-7000-8000-00000000000d' } }],
  async handle({ context: { alerts }, identity, params }) {
    return thresholdOf(found(await alerts.thresholds.find(identity.tenantId, params.id)));
  },
});
