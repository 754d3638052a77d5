/** `POST /api/session/end`: signs out. */
import { AppError } from '@farthing/contract';
import { z } from 'zod';
import { endedSessionCookie } from '../../http/callers/session-cookie.ts';
import { actorOf } from '../../tenants/identity.ts';
import { endpoint } from '../endpoint.ts';

export const endSession = endpoint({
  access: 'usage:read',
  summary: 'Signs a browser out.',
  tags: ['access'],
  answer: z.object({ ended: z.literal(true) }),
  errors: ['bad_request'],
  examples: [{ name: 'sign out' }],
  async handle({ context, identity, reply }) {
    if (identity.kind !== 'session') {
      throw new AppError(
        'bad_request',
        'Only a dashboard session can be ended; an API key is revoked instead.',
      );
    }
    await context.sessions.revoke(identity.keyId, actorOf(identity));
    context.sessionAuthenticator.forget(identity.keyId);
    reply.header(
      'set-cookie',
      endedSessionCookie(context.config.http.publicUrl?.startsWith('https:') ?? false),
    );
    return { ended: true as const };
  },
});
