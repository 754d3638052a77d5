/** `GET /api/admin/tenants`: the tenants the caller manages. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { tenantAnswer } from './access-schemas.ts';
import { tenantBody } from './key-bounds.ts';

export const listTenants = endpoint({
  access: 'tenant:manage',
  summary: 'Every tenant; of a tenant’s own administrator, that one.',
  tags: ['access'],
  answer: z.object({ tenants: z.array(tenantAnswer) }),
  examples: [{ name: 'all' }],
  async handle({ context, identity: { tenantId } }) {
    const tenants = await context.tenants.listTenants();
    return { tenants: tenants.filter(({ id }) => tenantId === null || id === tenantId).map(tenantBody) };
  },
});
