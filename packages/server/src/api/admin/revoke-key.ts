/** `DELETE /api/admin/keys/:id`: revokes a key. At once here, within seconds in other processes. */
import { AppError } from '@farthing/contract';
import { z } from 'zod';
import { identityOf } from '../../http/access.ts';
import { parseParameters } from '../../http/parse.ts';
import type { Endpoint } from '../endpoint.ts';
import { actorOf, keyBody } from './bodies.ts';

const path = z.strictObject({ id: z.string() });

export const revokeKey: Endpoint = {
  access: 'admin',
  async handle(context, request) {
    const { id } = parseParameters(path, request.params);
    const key = await context.tenants.revokeKey(id, actorOf(identityOf(request)));
    if (key === null) throw new AppError('not_found', 'There is no key with this id.');
    context.authenticator.forget(key.id);
    return keyBody(key);
  },
};
