/** `/api/admin/users`: what is sent and what comes back. */
import { z } from 'zod';
import { name } from '../events/usage-event.ts';
import { type AnswerOf, instantText } from '../values.ts';
import { MEMBER_ROLES } from './permissions.ts';

/** An e-mail address; accounts are found by it without regard to case. */
export const emailInput = z.string().trim().max(254).pipe(z.email('must be an e-mail address'));
export const inviteUserInput = z.strictObject({
  email: emailInput,
  name: name.optional(),
  /** The role: `admin` for the whole instance, the others in one tenant. */
  role: z.enum(['admin', ...MEMBER_ROLES]).default('member'),
  /** The caller's own, for an administrator `default`, where absent. */
  tenant: name.optional(),
});
export type InviteUserInput = z.input<typeof inviteUserInput>;

export const changeUserInput = z
  .strictObject({
    /** Administrators: the tenant the change is about. Without one, `disabled` disables the whole account. */
    tenant: name.optional(),
    role: z.enum(MEMBER_ROLES).optional(),
    disabled: z.boolean().optional(),
  })
  .refine(({ role, disabled }) => role !== undefined || disabled !== undefined, {
    message: 'say what to change: role or disabled',
  });
export type ChangeUserInput = z.infer<typeof changeUserInput>;

/** A person. */
export const userAnswer = z
  .object({
    id: z.string(),
    email: z.string(),
    name: z.string().nullable(),
    admin: z.boolean().meta({ description: 'Of the instance; tenants are not told.' }),
    created_at: instantText,
    disabled_at: instantText
      .nullable()
      .meta({ description: 'When the account was shut; tenants are not told.' }),
    last_seen_at: instantText.nullable(),
    memberships: z.array(
      z.object({
        tenant: z.string(),
        role: z.enum(MEMBER_ROLES),
        status: z.enum(['invited', 'active', 'disabled']),
        created_at: instantText,
      }),
    ),
  })
  .meta({ id: 'User', description: 'An account, and what it is in which tenant.' });
export type UserAnswer = AnswerOf<typeof userAnswer>;

export const usersAnswer = z.object({ users: z.array(userAnswer) });

/** A link for a person. */
export const userLinkAnswer = z
  .object({
    kind: z.enum(['invite', 'reset']),
    url: z.string().meta({ description: 'Works once. It stands nowhere else.' }),
    expires_at: instantText,
  })
  .meta({
    id: 'UserLink',
    description: 'A link to be given to a person: to join, or to choose a new password.',
  });
export type UserLinkAnswer = AnswerOf<typeof userLinkAnswer>;

export const invitedUserAnswer = z.object({ user: userAnswer, link: userLinkAnswer });

export const removedUserAnswer = z.object({ removed: z.literal(true) });
