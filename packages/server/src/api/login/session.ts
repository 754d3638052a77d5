/** `/api/session`: the caller's session: sign out, switch tenant, change the password. */
import {
  AppError,
  changedPasswordAnswer,
  changePasswordInput,
  endedSessionAnswer,
  switchedTenantAnswer,
  switchTenantInput,
} from '@farthing/contract';
import { endedSessionCookie } from '../../http/callers/session-cookie.ts';
import { actorOf, type Identity } from '../../tenants/identity.ts';
import { endpoint } from '../endpoint.ts';
import { giveSession, visitorOf } from './give-session.ts';

/** `POST /api/session/end`. */
export const endSession = endpoint({
  access: 'usage:read',
  summary: 'Signs a browser out.',
  tags: ['access'],
  answer: endedSessionAnswer,
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

/** `POST /api/session/password`. */
export const changeOwnPassword = endpoint({
  access: 'usage:read',
  summary: 'Changes one’s own password; every other session ends.',
  tags: ['access'],
  body: changePasswordInput,
  answer: changedPasswordAnswer,
  errors: ['bad_request', 'rate_limited', 'overloaded'],
  examples: [
    { name: 'change', body: { current: 'a quarter of a penny', next: 'a quarter of an old penny' } },
  ],
  async handle({ context, identity, body, request }) {
    const userId = personOf(identity);
    const session = { id: identity.keyId, address: visitorOf(request).address };
    const ended = await context.signIn.changePassword({ userId, ...body }, session);
    for (const one of ended) context.sessionAuthenticator.forget(one);
    return { ended: ended.length };
  },
});

/** `POST /api/session/tenant`. */
export const switchTenant = endpoint({
  access: 'usage:read',
  summary: 'Goes on in another tenant of one’s own.',
  description:
    'The browser gets a new session there, the present one ends. Null: every tenant, for administrators.',
  tags: ['access'],
  body: switchTenantInput,
  answer: switchedTenantAnswer,
  errors: ['bad_request', 'not_found'],
  examples: [{ name: 'switch', body: { tenant: 'acme' } }],
  async handle({ context, identity, body, request, reply }) {
    const userId = personOf(identity);
    const present = { userId, sessionId: identity.keyId, userAgent: visitorOf(request).userAgent };
    const signedIn = await context.signIn.switchTenant(present, body.tenant);
    giveSession(context, reply, signedIn);
    return { tenant: signedIn.tenantId };
  },
});

function personOf({ userId }: Identity): string {
  if (userId !== null) return userId;
  throw new AppError('bad_request', 'Only somebody who signed in with an account can do this.');
}
