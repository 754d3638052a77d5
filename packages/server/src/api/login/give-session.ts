/** Hands a new session to the browser. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AppContext } from '../../context.ts';
import { clientAddress } from '../../http/callers/client-address.ts';
import { sessionCookie } from '../../http/callers/session-cookie.ts';
import type { SignedIn } from '../../tenants/sessions/open-session.ts';
import { SESSION_DAYS } from '../../tenants/sessions/session-rows.ts';
import type { Visitor } from '../../tenants/sign-in/sign-in.ts';

/** Sets the cookie and forgets the sessions that ended for it. */
export function giveSession(context: AppContext, reply: FastifyReply, signedIn: SignedIn): void {
  for (const ended of signedIn.ended) context.sessionAuthenticator.forget(ended);
  const secure = context.config.http.publicUrl?.startsWith('https:') ?? false;
  reply
    .header('cache-control', 'no-store')
    .header('set-cookie', sessionCookie(signedIn.secret, SESSION_DAYS * 86_400, secure));
}

/** Where a request comes from. */
export function visitorOf(request: FastifyRequest): Visitor {
  return { address: clientAddress(request), userAgent: request.headers['user-agent'] ?? null };
}
