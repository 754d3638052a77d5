/** `/api/login` and `/api/session`: signing in, switching the tenant, signing out. */
import { z } from 'zod';
import { name } from '../events/usage-event.ts';

/** A password as it is sent; the rules for new ones are checked when it is set. */
export const passwordInput = z.string().min(1).max(1_024);

export const signInInput = z.strictObject({
  email: z.string().min(1).max(254),
  password: passwordInput,
  /** Which of the account's tenants to enter; the first by name where absent. */
  tenant: name.optional(),
});
export type SignInInput = z.infer<typeof signInInput>;

export const acceptLinkInput = z.strictObject({
  /** The part of the link after `#`. */
  token: z.string().min(1).max(128),
  /** The new password; for an account that already has one, the existing password. */
  password: passwordInput,
});
export type AcceptLinkInput = z.infer<typeof acceptLinkInput>;

export const changePasswordInput = z.strictObject({ current: passwordInput, next: passwordInput });
export type ChangePasswordInput = z.infer<typeof changePasswordInput>;

/** Null: every tenant, for administrators. */
export const switchTenantInput = z.strictObject({ tenant: name.nullable() });

/** The current session: who is signed in, and in which tenant. */
export const signedInAnswer = z.object({
  tenant: z.string().nullable().meta({ description: 'Null: every tenant.' }),
});

export const switchedTenantAnswer = z.object({ tenant: z.string().nullable() });

export const changedPasswordAnswer = z.object({
  ended: z.int().meta({ description: 'How many other sessions ended.' }),
});
