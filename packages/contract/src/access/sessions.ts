/** `/api/sessions` and `/api/admin/sessions`: browsers that are signed in. */
import { z } from 'zod';
import { type AnswerOf, instantText } from '../values.ts';
import { ROLES } from './permissions.ts';

/** A browser that is signed in. */
export const sessionAnswer = z
  .object({
    id: z.string(),
    user: z
      .object({ id: z.string(), email: z.string() })
      .nullable()
      .meta({ description: 'Null: made by a sign-in link of the server’s machine.' }),
    role: z.enum(ROLES),
    tenant: z.string().nullable(),
    created_at: instantText,
    last_seen_at: instantText,
    expires_at: instantText,
    user_agent: z.string().nullable(),
    current: z.boolean().meta({ description: 'It is the one that asks.' }),
  })
  .meta({ id: 'Session', description: 'A browser that is signed in.' });
export type SessionAnswer = AnswerOf<typeof sessionAnswer>;

export const sessionsAnswer = z.object({ sessions: z.array(sessionAnswer) });

export const endedSessionAnswer = z.object({ ended: z.literal(true) });
