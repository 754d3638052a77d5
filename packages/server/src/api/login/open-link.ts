/** `GET /login?token=…`: a one-time link becomes a session, then the overview. */
import { z } from 'zod';
import { clientAddress } from '../../http/callers/client-address.ts';
import { sessionCookie } from '../../http/callers/session-cookie.ts';
import { SESSION_DAYS } from '../../tenants/sessions/session-rows.ts';
import { redirect } from '../answer-kinds.ts';
import { endpoint } from '../endpoint.ts';

export const openLoginLink = endpoint({
  access: 'public',
  summary: 'Opens a one-time link: signs the browser in and leads to the overview.',
  description:
    'A used or unknown link leads to the overview too: whoever is signed in stays so, others are told what to do. What mail programs add to the address is ignored.',
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
