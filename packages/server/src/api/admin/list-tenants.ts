/** `GET /api/admin/tenants`: every tenant. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { tenantAnswer } from './access-schemas.ts';
import { tenantBody } from './bodies.ts';

export const listTenants = endpoint({
  access: 'instance:manage',
  summary: 'Every tenant.',
  tags: ['access'],
  answer: z.object({ tenants: z.array(tenantAnswer) }),
  examples: [{ name: 'all' }],
  async handle({ context }) {
    return { tenants: (await context.tenants.listTenants()).map(tenantBody) };
  },
});
