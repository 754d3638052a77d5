/** `POST /api/session/end`: signs out. */
import { AppError } from '@farthing/contract';
import { identityOf } from '../../http/access.ts';
import { endedSessionCookie, sessionSecretOf } from '../../http/session-cookie.ts';
import type { Endpoint } from '../endpoint.ts';

export const endSession: Endpoint = {
  access: 'tenant',
  async handle(context, request, reply) {
    if (sessionSecretOf(request.method, request.headers) === null) {
      throw new AppError(
        'bad_request',
        'Only a dashboard session can be ended; an API key is revoked instead.',
      );
    }
    const { keyId } = identityOf(request);
    await context.sessions.revoke(keyId, `session:${keyId}`);
    context.sessionAuthenticator.forget(keyId);
    reply.header(
      'set-cookie',
      endedSessionCookie(context.config.http.publicUrl?.startsWith('https:') ?? false),
    );
    return { ended: true };
  },
};
