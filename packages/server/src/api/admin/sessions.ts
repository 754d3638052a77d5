/** `/api/admin/sessions`: browsers that are signed in, everybody's. */
import { AppError, endedSessionAnswer, type SessionAnswer, sessionsAnswer } from '@farthing/contract';
import { z } from 'zod';
import { readableTenant } from '../../http/callers/access.ts';
import { actorOf, type Identity } from '../../tenants/identity.ts';
import type { ListedSession } from '../../tenants/sessions/session-rows.ts';
import { endpoint } from '../endpoint.ts';

/** `GET`. */
export const listAllSessions = endpoint({
  access: 'users:manage',
  summary: 'Browsers that are signed in; of one tenant those that see it.',
  tags: ['access'],
  query: z.strictObject({ tenant: z.string().max(63).optional(), user: z.uuid().optional() }),
  answer: sessionsAnswer,
  examples: [{ name: 'all' }],
  async handle({ context, identity, query }) {
    const tenantId = readableTenant(identity, query.tenant);
    const sessions = await context.sessions.list({ tenantId, userId: query.user });
    return { sessions: sessions.map((one) => sessionAnswerOf(one, identity)) };
  },
});

/** `DELETE /:id`. */
export const revokeSession = endpoint({
  access: 'users:manage',
  summary: 'Signs a browser out: at once here, within seconds in other processes.',
  tags: ['access'],
  params: z.strictObject({ id: z.uuid() }),
  answer: endedSessionAnswer,
  errors: ['not_found'],
  examples: [{ name: 'one', params: { id: '01930000-0000-7000-8000-0000000000c0' } }],
  async handle({ context, identity, params: { id } }) {
    const within = { tenantId: identity.tenantId };
    if (!(await context.sessions.revoke(id, actorOf(identity), within)))
      throw new AppError('not_found', 'There is no session with this id.');
    context.sessionAuthenticator.forget(id);
    return { ended: true as const };
  },
});

/** A session as the caller sees it. */
export function sessionAnswerOf(session: ListedSession, asking: Identity): SessionAnswer {
  return {
    id: session.id,
    user:
      session.userId === null || session.email === null ? null : { id: session.userId, email: session.email },
    role: session.role,
    tenant: session.tenantId,
    created_at: session.createdAt.toISOString(),
    last_seen_at: session.lastSeenAt.toISOString(),
    expires_at: session.expiresAt.toISOString(),
    user_agent: session.userAgent,
    current: asking.kind === 'session' && asking.keyId === session.id,
  };
}
