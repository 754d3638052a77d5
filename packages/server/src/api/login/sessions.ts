/** `/api/sessions`: the caller's own sessions. */
import { AppError, endedSessionAnswer, sessionsAnswer } from '@farthing/contract';
import { z } from 'zod';
import { actorOf, type Identity } from '../../tenants/identity.ts';
import type { SessionFilter } from '../../tenants/sessions/session-rows.ts';
import { sessionAnswerOf } from '../admin/sessions.ts';
import { endpoint } from '../endpoint.ts';

/** A signed-in person sees all of theirs, a session made by a link sees itself only, an API key sees none. */
function ownSessions({ kind, keyId, userId }: Identity): SessionFilter | null {
  if (kind !== 'session') return null;
  return userId === null ? { id: keyId } : { userId };
}

/** `GET /api/sessions`. */
export const listOwnSessions = endpoint({
  access: 'usage:read',
  summary: 'The browsers in which one is signed in.',
  tags: ['access'],
  answer: sessionsAnswer,
  examples: [{ name: 'mine' }],
  async handle({ context, identity }) {
    const own = ownSessions(identity);
    const sessions = own === null ? [] : await context.sessions.list(own);
    return { sessions: sessions.map((one) => sessionAnswerOf(one, identity)) };
  },
});

/** `DELETE /api/sessions/:id`. */
export const endOwnSession = endpoint({
  access: 'usage:read',
  summary: 'Signs out in another browser.',
  tags: ['access'],
  params: z.strictObject({ id: z.uuid() }),
  answer: endedSessionAnswer,
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
