/** People: accounts with an address and a password, and what they are in which tenant. */
import type { MemberRole } from '@farthing/contract';

/** A person's role in a tenant. */
export interface Membership {
  readonly tenantId: string;
  readonly role: MemberRole;
  readonly createdAt: Date;
  /** Null until the invited has opened the link. */
  readonly acceptedAt: Date | null;
  readonly disabledAt: Date | null;
}

/** An account. A tenant's view of it has only that tenant's membership and never shows an administrator. */
export interface User {
  readonly id: string;
  readonly email: string;
  readonly name: string | null;
  readonly isAdmin: boolean;
  readonly createdAt: Date;
  readonly disabledAt: Date | null;
  /** When a session of the account was last used; within a tenant, one for that tenant. */
  readonly lastSeenAt: Date | null;
  readonly memberships: readonly Membership[];
}

/** How long an invitation waits. */
export const INVITE_DAYS = 7;
/** How long a link that sets a new password waits. */
export const RESET_HOURS = 24;

/** An address as accounts are found by it. */
export const normalEmail = (email: string): string => email.trim().toLowerCase();
