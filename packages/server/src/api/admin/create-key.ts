/** `POST /api/admin/keys`: makes a key; its answer is the only place where the key itself ever stands. */
import { createKeyInput } from '@farthing/contract';
import { z } from 'zod';
import { DEFAULT_TENANT } from '../../tenants/tenant.ts';
import { endpoint } from '../endpoint.ts';
import { keyFields } from './access-schemas.ts';
import { actorOf, boundOf, keyBody } from './bodies.ts';

export const createKey = endpoint({
  access: 'keys:manage',
  summary: 'Makes an API key.',
  description: 'The answer holds the key itself, this once: only its hash is kept.',
  tags: ['access'],
  body: createKeyInput,
  status: 201,
  answer: z
    .object({
      ...keyFields,
      key: z.string().meta({ description: 'The key itself; it stands nowhere else.' }),
    })
    .meta({ id: 'CreatedApiKey', description: 'A new key with its secret.' }),
  errors: ['unknown_tenant'],
  examples: [{ name: 'for a worker of one tenant', body: { name: 'worker', tenant: 'acme' } }],
  async handle({ context, identity, body: input }) {
    const { key, secret } = await context.tenants.createKey(
      {
        name: input.name,
        role: input.role,
        tenantId: input.role === 'admin' ? undefined : (input.tenant ?? DEFAULT_TENANT),
        scopes: input.scopes,
        bound: boundOf(input),
        expiresAt: input.expires_at === undefined ? undefined : new Date(input.expires_at),
      },
      actorOf(identity),
    );
    return { ...keyBody(key), key: secret };
  },
});
