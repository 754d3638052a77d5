/** `GET /api/admin/keys`: every key, or those of one tenant; never a secret. */
import { z } from 'zod';
import { parseParameters } from '../../http/parse.ts';
import type { Endpoint } from '../endpoint.ts';
import { keyBody } from './bodies.ts';

const parameters = z.strictObject({ tenant: z.string().max(63).optional() });

export const listKeys: Endpoint = {
  access: 'admin',
  async handle(context, request) {
    const { tenant } = parseParameters(parameters, request.query);
    return { keys: (await context.tenants.listKeys(tenant)).map(keyBody) };
  },
};
