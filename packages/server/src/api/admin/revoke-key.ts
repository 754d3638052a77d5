/** `DELETE /api/admin/keys/:id`: revokes a key. At once here, within seconds in other processes. */
import { AppError } from '@farthing/contract';
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { keyAnswer } from './access-schemas.ts';
import { actorOf, keyBody, requireAsBound } from './key-bounds.ts';

export const revokeKey = endpoint({
  access: 'keys:manage',
  summary: 'Revokes an API key: at once here, within seconds in other processes.',
  tags: ['access'],
  params: z.strictObject({ id: z.string() }),
  answer: keyAnswer,
  errors: ['not_found'],
  examples: [{ name: 'one key', params: { id: '01930000-0000-7000-8000-00000000000a' } }],
  async handle({ context, identity, params }) {
    const within = identity.tenantId ?? undefined;
    const missing = () => new AppError('not_found', 'There is no key with this id.');
    const found = await context.tenants.getKey(params.id, within);
    if (found === null) throw missing();
    requireAsBound(identity.bound, found.bound);
    const key = await context.tenants.revokeKey(params.id, actorOf(identity), within);
    if (key === null) throw missing();
    context.authenticator.forget(key.id);
    return keyBody(key);
  },
});
