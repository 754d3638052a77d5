/** `POST /api/admin/tenants`: makes a tenant. */
import { createTenantInput } from '@farthing/contract';
import { endpoint } from '../endpoint.ts';
import { tenantAnswer } from './access-schemas.ts';
import { actorOf, tenantBody } from './key-bounds.ts';

export const createTenant = endpoint({
  access: 'instance:manage',
  summary: 'Makes a tenant.',
  tags: ['access'],
  body: createTenantInput,
  status: 201,
  answer: tenantAnswer,
  errors: ['conflict'],
  examples: [{ name: 'with a zone', body: { id: 'initech', name: 'Initech', time_zone: 'Europe/Berlin' } }],
  async handle({ context, identity, body: { id, name, time_zone: timeZone } }) {
    const tenant = await context.tenants.createTenant({ id, name, timeZone }, actorOf(identity));
    return tenantBody(tenant);
  },
});
