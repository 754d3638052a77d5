/** `/api/sessions` and `/api/session/*`: one's own sessions and password. */
import { AppError, changePasswordInput, name } from '@farthing/contract';
import { z } from 'zod';
import type { Identity } from '../../tenants/identity.ts';
import { actorOf } from '../../tenants/identity.ts';
import type { SessionFilter } from '../../tenants/sessions/session-rows.ts';
import { sessionAnswer } from '../admin/access-schemas.ts';
import { sessionBody } from '../admin/bodies.ts';
import { endpoint } from '../endpoint.ts';
import { giveSession, visitorOf } from './give-session.ts';

/** The caller's own: all of a person's; the one that asks where a link made it; none of a key. */
function ownSessions({ kind, keyId, userId }: Identity): SessionFilter | null {
  if (kind !== 'session') return null;
  return userId === null ? { id: keyId } : { userId };
}

/** `GET /api/sessions`. */
export const listOwnSessions = endpoint({
  access: 'usage:read',
  summary: 'The browsers in which one is signed in.',
  tags: ['access'],
  answer: z.object({ sessions: z.array(sessionAnswer) }),
  examples: [{ name: 'mine' }],
  async handle({ context, identity }) {
    const own = ownSessions(identity);
    const sessions = own === null ? [] : await context.sessions.list(own);
    return { sessions: sessions.map((one) => sessionBody(one, identity)) };
  },
});

/** `DELETE /api/sessions/:id`. */
export const endOwnSession = endpoint({
  access: 'usage:read',
  summary: 'Signs out in another browser.',
  tags: ['access'],
  params: z.strictObject({ id: z.uuid() }),
  answer: z.object({ ended: z.literal(true) }),
  errors: ['not_found'],
  examples: [{ name: 'one', params: { id: '01930000-0000-7000-8000-0000000000c0' } }],
  async handle({ context, identity, params: { id } }) {
    const own = ownSessions(identity);
    const isOwn = own !== null && (own.id === undefined || own.id === id);
    if (!isOwn || !(await context.sessions.revoke(id, actorOf(identity), own)))
      throw new AppError('not_found', 'You have no session with this id.');
    context.sessionAuthenticator.forget(id);
    return { ended: true as const };
  },
});

/** `POST /api/session/password`. */
export const changeOwnPassword = endpoint({
  access: 'usage:read',
  summary: 'Changes one’s own password; every other session ends.',
  tags: ['access'],
  body: changePasswordInput,
  answer: z.object({ ended: z.int().meta({ description: 'How many other sessions ended.' }) }),
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
  body: z.strictObject({ tenant: name.nullable() }),
  answer: z.object({ tenant: z.string().nullable() }),
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
