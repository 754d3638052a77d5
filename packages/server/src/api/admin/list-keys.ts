/** `GET /api/admin/keys`: every key, or those of one tenant; never a secret. */
import { z } from 'zod';
import { readableTenant } from '../../http/callers/access.ts';
import { endpoint } from '../endpoint.ts';
import { keyAnswer } from './access-schemas.ts';
import { keyBody } from './bodies.ts';

export const listKeys = endpoint({
  access: 'keys:manage',
  summary: 'API keys, revoked ones too; never their secrets.',
  tags: ['access'],
  query: z.strictObject({ tenant: z.string().max(63).optional() }),
  answer: z.object({ keys: z.array(keyAnswer) }),
  examples: [{ name: 'all' }, { name: 'of one tenant', query: { tenant: 'acme' } }],
  async handle({ context, identity, query }) {
    const tenant = readableTenant(identity, query.tenant) ?? undefined;
    return { keys: (await context.tenants.listKeys(tenant)).map(keyBody) };
  },
});
