/** `POST /api/login`: an address and a password become a session. */
import { signInInput } from '@farthing/contract';
import { z } from 'zod';
import { refuseOtherSites } from '../../http/callers/session-cookie.ts';
import { endpoint } from '../endpoint.ts';
import { giveSession, visitorOf } from './give-session.ts';

export const signIn = endpoint({
  access: 'public',
  summary: 'Signs a browser in with an address and a password.',
  description:
    'The session is in a cookie that scripts cannot read. A wrong password and an unknown address get the same answer. Ten attempts per account and address of the client, then one in 90 seconds; a hundred per address, then one in ten seconds; a hundred per account from all addresses that it has not been signed in from, then one in 30 seconds.',
  tags: ['access'],
  body: signInInput,
  answer: z.object({ tenant: z.string().nullable().meta({ description: 'Null: every tenant.' }) }),
  errors: ['unauthorized', 'forbidden', 'rate_limited', 'overloaded'],
  examples: [{ name: 'sign in', body: { email: 'ada@example.com', password: 'a quarter of a penny' } }],
  async handle({ context, body, request, reply }) {
    refuseOtherSites(request, context.config.http.publicUrl);
    const signedIn = await context.signIn.withPassword(body, visitorOf(request));
    giveSession(context, reply, signedIn);
    return { tenant: signedIn.tenantId };
  },
});
