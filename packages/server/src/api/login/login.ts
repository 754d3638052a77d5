/** `/login` and `/api/login`: becoming a session, by a link or by address and password. */
import { acceptLinkInput, signedInAnswer, signInInput } from '@farthing/contract';
import { z } from 'zod';
import { clientAddress } from '../../http/callers/client-address.ts';
import { refuseOtherSites, sessionCookie } from '../../http/callers/session-cookie.ts';
import { SESSION_DAYS } from '../../tenants/sessions/session-rows.ts';
import { redirect } from '../answer-kinds.ts';
import { endpoint } from '../endpoint.ts';
import { giveSession, visitorOf } from './give-session.ts';

/** `GET /login?token=…`: a one-time link becomes a session, then the overview. */
export const openLoginLink = endpoint({
  access: 'public',
  summary: 'Opens a one-time link: signs the browser in and leads to the overview.',
  description:
    'A used or unknown link leads to the overview too: a signed-in browser stays signed in, others see how to sign in. Parameters that mail programs add to the address are ignored.',
  tags: ['access'],
  // A page for browsers: a link that was changed on its way is a bad link, not a bad request.
  query: z.object({ token: z.string().max(128).optional().catch(undefined) }),
  answer: redirect,
  examples: [{ name: 'a used link', query: { token: 'used' } }],
  async handle({ context, query, request, reply }) {
    // A program that only looks (a chat's link preview asks by HEAD first) must not use the link up.
    const token = request.method === 'GET' && query.token !== '' ? query.token : undefined;
    const secret = token === undefined ? null : await context.sessions.redeem(token);
    if (token !== undefined && secret === null) {
      const address = clientAddress(request);
      context.failedSignIns.note({ reason: 'link', user: null, tenantId: null, address });
    }
    reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer');
    if (secret !== null) {
      reply.header(
        'set-cookie',
        sessionCookie(
          secret,
          SESSION_DAYS * 86_400,
          context.config.http.publicUrl?.startsWith('https:') ?? false,
        ),
      );
    }
    return '/';
  },
});

/** `POST /api/login`: an address and a password become a session. */
export const signIn = endpoint({
  access: 'public',
  summary: 'Signs a browser in with an address and a password.',
  description:
    'The session is in a cookie that scripts cannot read. A wrong password and an unknown address get the same answer. Ten attempts per account and address of the client, then one in 90 seconds; a hundred per address, then one in ten seconds; a hundred per account from all addresses that it has not been signed in from, then one in 30 seconds.',
  tags: ['access'],
  body: signInInput,
  answer: signedInAnswer,
  errors: ['unauthorized', 'forbidden', 'rate_limited', 'overloaded'],
  examples: [{ name: 'sign in', body: { email: 'ada@example.com', password: 'a quarter of a penny' } }],
  async handle({ context, body, request, reply }) {
    refuseOtherSites(request, context.config.http.publicUrl);
    const signedIn = await context.signIn.withPassword(body, visitorOf(request));
    giveSession(context, reply, signedIn);
    return { tenant: signedIn.tenantId };
  },
});

/** `POST /api/login/link`: accepts an invitation, or sets a new password, and signs in. */
export const acceptLink = endpoint({
  access: 'public',
  summary: 'Accepts an invitation or chooses a new password by a link, and signs in.',
  description:
    'An account that has a password must give that one to accept an invitation. A new password ends every other session of the account.',
  tags: ['access'],
  body: acceptLinkInput,
  answer: signedInAnswer,
  errors: ['unauthorized', 'forbidden', 'rate_limited', 'overloaded'],
  examples: [
    { name: 'join', body: { token: 'what-stands-behind-the-hash', password: 'a quarter of a penny' } },
  ],
  async handle({ context, body, request, reply }) {
    refuseOtherSites(request, context.config.http.publicUrl);
    const signedIn = await context.signIn.withLink(body, visitorOf(request));
    giveSession(context, reply, signedIn);
    return { tenant: signedIn.tenantId };
  },
});
