/** `POST /api/admin/keys`: makes a key; its answer is one of two places where the key itself ever stands. */
import { createKeyInput, ROLE_PERMISSIONS } from '@farthing/contract';
import { requireGrantable, writableTenant } from '../../http/access.ts';
import { endpoint } from '../endpoint.ts';
import { createdKeyAnswer } from './access-schemas.ts';
import { actorOf, boundOf, keyBody } from './bodies.ts';

export const createKey = endpoint({
  access: 'keys:manage',
  summary: 'Makes an API key.',
  description:
    'The answer holds the key itself, this once: only its hash is kept. Nobody can make a key that may do more than the one that asks, or that is less bound.',
  tags: ['access'],
  body: createKeyInput,
  status: 201,
  answer: createdKeyAnswer,
  errors: ['unknown_tenant'],
  examples: [
    { name: 'for a worker of one tenant', body: { name: 'worker', role: 'ingest', tenant: 'acme' } },
    {
      name: 'bound to a project, an environment and a tag',
      body: {
        name: 'shop in production',
        tenant: 'acme',
        scopes: ['events:write'],
        project: 'shop',
        environment: 'production',
        tags: { team: 'checkout' },
        expires_at: '2036-01-01T00:00:00Z',
      },
    },
  ],
  async handle({ context, identity, body: input }) {
    const { role, scopes } = input;
    requireGrantable(identity, role, scopes ?? ROLE_PERMISSIONS[role]);
    const { key, secret } = await context.tenants.createKey(
      {
        name: input.name,
        role,
        tenantId: role === 'admin' ? input.tenant : writableTenant(identity, input.tenant),
        scopes,
        bound: boundOf(input, identity.bound),
        expiresAt: input.expires_at === undefined ? undefined : new Date(input.expires_at),
      },
      actorOf(identity),
    );
    return { ...keyBody(key), key: secret };
  },
});
