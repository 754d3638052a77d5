/** `POST /api/admin/keys`: makes a key; its answer is the only place where the key itself ever stands. */
import { type CreatedKeyBody, createKeyInput } from '@farthing/contract';
import { identityOf } from '../../http/access.ts';
import { parseBody } from '../../http/parse.ts';
import { DEFAULT_TENANT } from '../../tenants/tenant.ts';
import type { Endpoint } from '../endpoint.ts';
import { actorOf, keyBody } from './bodies.ts';

export const createKey: Endpoint = {
  access: 'admin',
  async handle(context, request, reply): Promise<CreatedKeyBody> {
    const input = parseBody(createKeyInput, request.body);
    const { key, secret } = await context.tenants.createKey(
      {
        name: input.name,
        role: input.role,
        tenantId: input.role === 'admin' ? undefined : (input.tenant ?? DEFAULT_TENANT),
        projectId: input.project,
        expiresAt: input.expires_at === undefined ? undefined : new Date(input.expires_at),
      },
      actorOf(identityOf(request)),
    );
    reply.code(201);
    return { ...keyBody(key), key: secret };
  },
};
