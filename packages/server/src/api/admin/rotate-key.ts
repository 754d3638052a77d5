/** `POST /api/admin/keys/:id/rotate`: a new secret for a key; the one before works on for a while. */
import { AppError, rotateKeyInput } from '@farthing/contract';
import { z } from 'zod';
import { requireGrantable } from '../../http/callers/access.ts';
import { permissionsOf } from '../../tenants/identity.ts';
import { endpoint } from '../endpoint.ts';
import { createdKeyAnswer } from './access-schemas.ts';
import { actorOf, keyBody, requireAsBound, requireAsShort } from './bodies.ts';

export const rotateKey = endpoint({
  access: 'keys:manage',
  summary: 'Gives an API key a new secret; the old one works on for a while.',
  description:
    'Id, role, attribution and statistics stay. The secret before works for `overlap_seconds` more, the one before that no longer. Refused for a key that may do more than the one that asks, that is over, or that comes from the environment.',
  tags: ['access'],
  params: z.strictObject({ id: z.string() }),
  body: rotateKeyInput,
  answer: createdKeyAnswer,
  errors: ['not_found', 'conflict'],
  examples: [
    {
      name: 'with a day to change over',
      params: { id: '01930000-0000-7000-8000-00000000000a' },
      body: { overlap_seconds: 86_400 },
    },
  ],
  async handle({ context, identity, params: { id }, body }) {
    const within = identity.tenantId ?? undefined;
    const missing = () => new AppError('not_found', 'There is no key with this id.');
    const found = await context.tenants.getKey(id, within);
    if (found === null) throw missing();
    requireGrantable(identity, found.role, [...permissionsOf(found.role, found.scopes, found.bound)]);
    requireAsBound(identity.bound, found.bound);
    requireAsShort(identity.expiresAt, found.expiresAt);
    const rotated = await context.tenants.rotateKey(id, body.overlap_seconds, actorOf(identity), within);
    if (rotated === null) throw missing();
    context.authenticator.recheck(id);
    return { ...keyBody(rotated.key), key: rotated.secret };
  },
});
