/** `POST /api/admin/tenants`: makes a tenant. */
import { createTenantInput } from '@farthing/contract';
import { identityOf } from '../../http/access.ts';
import { parseBody } from '../../http/parse.ts';
import type { Endpoint } from '../endpoint.ts';
import { actorOf, tenantBody } from './bodies.ts';

export const createTenant: Endpoint = {
  access: 'admin',
  async handle(context, request, reply) {
    const { id, name, time_zone: timeZone } = parseBody(createTenantInput, request.body);
    const tenant = await context.tenants.createTenant({ id, name, timeZone }, actorOf(identityOf(request)));
    reply.code(201);
    return tenantBody(tenant);
  },
};
