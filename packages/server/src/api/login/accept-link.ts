/** `POST /api/login/link`: accepts an invitation, or sets a new password, and signs in. */
import { acceptLinkInput } from '@farthing/contract';
import { z } from 'zod';
import { refuseOtherSites } from '../../http/callers/session-cookie.ts';
import { endpoint } from '../endpoint.ts';
import { giveSession, visitorOf } from './give-session.ts';

export const acceptLink = endpoint({
  access: 'public',
  summary: 'Accepts an invitation or chooses a new password by a link, and signs in.',
  description:
    'An account that has a password must give that one to accept an invitation. A new password ends every other session of the account.',
  tags: ['access'],
  body: acceptLinkInput,
  answer: z.object({ tenant: z.string().nullable().meta({ description: 'Null: every tenant.' }) }),
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
