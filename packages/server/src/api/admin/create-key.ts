/** `POST /api/admin/keys`: makes a key; its answer is one of two places where the key itself ever stands. */
import { AppError, createKeyInput, ROLE_PERMISSIONS } from '@farthing/contract';
import { requireGrantable, writableTenant } from '../../http/callers/access.ts';
import { permissionsOf } from '../../tenants/identity.ts';
import { endpoint } from '../endpoint.ts';
import { createdKeyAnswer } from './access-schemas.ts';
import { actorOf, boundOf, expiryOf, keyBody } from './bodies.ts';

export const createKey = endpoint({
  access: 'keys:manage',
  summary: 'Makes an API key.',
  description:
    'The answer holds the key itself, this once: only its hash is kept. Nobody can make a key that may do more than the one that asks, that is less bound, or that is good for longer. A bound key never has `users:manage`, `tenant:manage` or `instance:manage`.',
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
    const bound = boundOf(input, identity.bound);
    const permissions = permissionsOf(role, scopes ?? null, bound);
    const lost = scopes?.find(
      (scope) => ROLE_PERMISSIONS[role].some((one) => one === scope) && !permissions.has(scope),
    );
    if (lost !== undefined)
      throw new AppError(
        'invalid_body',
        `scopes: a bound key cannot have "${lost}", which leads out of its binding.`,
      );
    requireGrantable(identity, role, scopes ?? [...permissions]);
    const { key, secret } = await context.tenants.createKey(
      {
        name: input.name,
        role,
        tenantId: role === 'admin' ? input.tenant : writableTenant(identity, input.tenant),
        scopes,
        bound,
        expiresAt: expiryOf(input.expires_at, identity.expiresAt),
      },
      actorOf(identity),
    );
    return { ...keyBody(key), key: secret };
  },
});
