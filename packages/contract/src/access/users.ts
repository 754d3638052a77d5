/** Users, sessions, signing in: what is sent and what comes back. */
import { z } from 'zod';
import { name } from '../events/usage-event.ts';
import { MEMBER_ROLES, type MemberRole, type Role } from './permissions.ts';

/** An e-mail address; accounts are found by it without regard to case. */
export const emailInput = z.string().trim().max(254).pipe(z.email('must be an e-mail address'));
/** A password as it is sent; what a new one must be is checked when it is set. */
export const passwordInput = z.string().min(1).max(1_024);

export const inviteUserInput = z.strictObject({
  email: emailInput,
  name: name.optional(),
  /** What they will be: `admin` for the whole instance, the others in one tenant. */
  role: z.enum(['admin', ...MEMBER_ROLES]).default('member'),
  /** The caller's own, for an administrator `default`, where absent. */
  tenant: name.optional(),
});
export type InviteUserInput = z.input<typeof inviteUserInput>;

export const changeUserInput = z
  .strictObject({
    /** Administrators: the tenant the change is about. Without one `disabled` shuts the whole account. */
    tenant: name.optional(),
    role: z.enum(MEMBER_ROLES).optional(),
    disabled: z.boolean().optional(),
  })
  .refine(({ role, disabled }) => role !== undefined || disabled !== undefined, {
    message: 'say what to change: role or disabled',
  });
export type ChangeUserInput = z.infer<typeof changeUserInput>;

export const signInInput = z.strictObject({
  email: z.string().min(1).max(254),
  password: passwordInput,
  /** Which of the account's tenants to enter; the first by name where absent. */
  tenant: name.optional(),
});
export type SignInInput = z.infer<typeof signInInput>;

export const acceptLinkInput = z.strictObject({
  /** What stands behind the `#` of the link. */
  token: z.string().min(1).max(128),
  /** The one to be set; of an account that has one: that one. */
  password: passwordInput,
});
export type AcceptLinkInput = z.infer<typeof acceptLinkInput>;

export const changePasswordInput = z.strictObject({ current: passwordInput, next: passwordInput });
export type ChangePasswordInput = z.infer<typeof changePasswordInput>;

export interface MembershipBody {
  readonly tenant: string;
  readonly role: MemberRole;
  readonly status: 'invited' | 'active' | 'disabled';
  readonly created_at: string;
}

export interface UserBody {
  readonly id: string;
  readonly email: string;
  readonly name: string | null;
  /** An administrator of the instance; not told to tenants. */
  readonly admin: boolean;
  readonly created_at: string;
  /** When the account was shut; not told to tenants. */
  readonly disabled_at: string | null;
  readonly last_seen_at: string | null;
  readonly memberships: readonly MembershipBody[];
}

/** A link to be given to a person; it works once. */
export interface UserLinkBody {
  readonly kind: 'invite' | 'reset';
  readonly url: string;
  readonly expires_at: string;
}

export interface SessionBody {
  readonly id: string;
  /** Null: made by a sign-in link of the server's machine. */
  readonly user: { readonly id: string; readonly email: string } | null;
  readonly role: Role;
  readonly tenant: string | null;
  readonly created_at: string;
  readonly last_seen_at: string;
  readonly expires_at: string;
  readonly user_agent: string | null;
  /** It is the one that asks. */
  readonly current: boolean;
}
