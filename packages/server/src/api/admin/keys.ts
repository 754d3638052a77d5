/** `/api/admin/keys`: API keys. Only the answers to making and rotating one ever hold a key itself. */
import {
  AppError,
  createdKeyAnswer,
  createKeyInput,
  type KeyAnswer,
  keyAnswer,
  keysAnswer,
  ROLE_PERMISSIONS,
  rotateKeyInput,
} from '@farthing/contract';
import { z } from 'zod';
import { readableTenant, requireGrantable, writableTenant } from '../../http/callers/access.ts';
import { actorOf, permissionsOf } from '../../tenants/identity.ts';
import type { ApiKey } from '../../tenants/keys/api-key.ts';
import { endpoint } from '../endpoint.ts';
import { boundOf, expiryOf, requireAsBound, requireAsShort } from './key-bounds.ts';

const byId = z.strictObject({ id: z.string() });
const missing = () => new AppError('not_found', 'There is no key with this id.');
const ONE = '01930000-0000-7000-8000-00000000000a';

/** `GET`: every key, or those of one tenant; never a secret. */
export const listKeys = endpoint({
  access: 'keys:manage',
  summary: 'API keys, revoked ones too; never their secrets.',
  tags: ['access'],
  query: z.strictObject({ tenant: z.string().max(63).optional() }),
  answer: keysAnswer,
  examples: [{ name: 'all' }, { name: 'of one tenant', query: { tenant: 'acme' } }],
  async handle({ context, identity, query }) {
    const tenant = readableTenant(identity, query.tenant) ?? undefined;
    return { keys: (await context.tenants.listKeys(tenant)).map(keyAnswerOf) };
  },
});

/** `POST`. */
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
    return { ...keyAnswerOf(key), key: secret };
  },
});

/** `DELETE /:id`: takes effect at once in this process, within seconds in others. */
export const revokeKey = endpoint({
  access: 'keys:manage',
  summary: 'Revokes an API key: at once here, within seconds in other processes.',
  tags: ['access'],
  params: byId,
  answer: keyAnswer,
  errors: ['not_found'],
  examples: [{ name: 'one key', params: { id: ONE } }],
  async handle({ context, identity, params }) {
    const within = identity.tenantId ?? undefined;
    const found = await context.tenants.getKey(params.id, within);
    if (found === null) throw missing();
    requireAsBound(identity.bound, found.bound);
    const key = await context.tenants.revokeKey(params.id, actorOf(identity), within);
    if (key === null) throw missing();
    context.authenticator.forget(key.id);
    return keyAnswerOf(key);
  },
});

/** `POST /:id/rotate`. */
export const rotateKey = endpoint({
  access: 'keys:manage',
  summary: 'Gives an API key a new secret; the old one works on for a while.',
  description:
    'Id, role, attribution and statistics stay. The secret before works for `overlap_seconds` more, the one before that no longer. Refused for a key that may do more than the one that asks, that is over, or that comes from the environment.',
  tags: ['access'],
  params: byId,
  body: rotateKeyInput,
  answer: createdKeyAnswer,
  errors: ['not_found', 'conflict'],
  examples: [
    {
      name: 'with a day to change over',
      params: { id: ONE },
      body: { overlap_seconds: 86_400 },
    },
  ],
  async handle({ context, identity, params: { id }, body }) {
    const within = identity.tenantId ?? undefined;
    const found = await context.tenants.getKey(id, within);
    if (found === null) throw missing();
    requireGrantable(identity, found.role, [...permissionsOf(found.role, found.scopes, found.bound)]);
    requireAsBound(identity.bound, found.bound);
    requireAsShort(identity.expiresAt, found.expiresAt);
    const rotated = await context.tenants.rotateKey(id, body.overlap_seconds, actorOf(identity), within);
    if (rotated === null) throw missing();
    context.authenticator.recheck(id);
    return { ...keyAnswerOf(rotated.key), key: rotated.secret };
  },
});

/** A key as the API answers it, and the command line prints it. */
export function keyAnswerOf(key: ApiKey): KeyAnswer {
  return {
    id: key.id,
    name: key.name,
    role: key.role,
    tenant: key.tenantId,
    scopes: key.scopes,
    ...key.bound,
    prefix: key.prefix,
    created_at: key.createdAt.toISOString(),
    last_used_at: key.lastUsedAt?.toISOString() ?? null,
    expires_at: key.expiresAt?.toISOString() ?? null,
    revoked_at: key.revokedAt?.toISOString() ?? null,
    overlap_until: key.overlapUntil?.toISOString() ?? null,
  };
}
