/** `GET /api/admin/tenants`: every tenant. */
import { z } from 'zod';
import { parseParameters } from '../../http/parse.ts';
import type { Endpoint } from '../endpoint.ts';
import { tenantBody } from './bodies.ts';

export const listTenants: Endpoint = {
  access: 'admin',
  async handle(context, request) {
    parseParameters(z.strictObject({}), request.query);
    return { tenants: (await context.tenants.listTenants()).map(tenantBody) };
  },
};
