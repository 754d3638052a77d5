/** `GET /login?token=…`: a one-time link becomes a session, then the overview. */
import { z } from 'zod';
import { sessionCookie } from '../../http/session-cookie.ts';
import { SESSION_DAYS } from '../../tenants/session.ts';
import { type Endpoint, SENT } from '../endpoint.ts';

const query = z.strictObject({ token: z.string().min(1).max(128) });

export const openLoginLink: Endpoint = {
  access: 'public',
  async handle(context, request, reply) {
    // A program that only looks (a chat's link preview asks by HEAD first) must not use the link up.
    const token = request.method === 'GET' ? query.safeParse(request.query).data?.token : undefined;
    const secret = token === undefined ? null : await context.sessions.redeem(token);
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
    // A used link of somebody who is signed in already leads to the overview as well; else the page says what to do.
    await reply.redirect('/', 303);
    return SENT;
  },
};
