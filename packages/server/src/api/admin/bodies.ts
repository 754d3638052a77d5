/** How tenants, keys, people and sessions look on the wire. */
import {
  AppError,
  type createKeyInput,
  type KeyBody,
  type SessionBody,
  type TenantBody,
  type UserBody,
} from '@farthing/contract';
import type { z } from 'zod';
import type { BoundAttribution, Identity } from '../../tenants/identity.ts';
import type { ApiKey } from '../../tenants/keys/api-key.ts';
import type { Session } from '../../tenants/sessions/session-rows.ts';
import type { Tenant } from '../../tenants/tenant.ts';
import type { User } from '../../tenants/users/user.ts';

export function tenantBody(tenant: Tenant): TenantBody {
  return {
    id: tenant.id,
    name: tenant.name,
    time_zone: tenant.timeZone,
    created_at: tenant.createdAt.toISOString(),
  };
}

export function keyBody(key: ApiKey): KeyBody {
  return {
    id: key.id,
    name: key.name,
    role: key.role,
    tenant: key.tenantId,
    scopes: key.scopes,
    ...key.bound,
    prefix: key.prefix,
    created_at: key.createdAt.toISOString(),
    last_used_at: key.lastUsedAt?.toISOString() ?? null,
    expires_at: key.expiresAt?.toISOString() ?? null,
    revoked_at: key.revokedAt?.toISOString() ?? null,
    overlap_until: key.overlapUntil?.toISOString() ?? null,
  };
}

export { actorOf } from '../../tenants/identity.ts';

/**
 * What a new key fixes of everything written with it: what its maker is bound to, and what the body adds.
 *
 * @throws AppError `forbidden` where the body names another value than the maker's own
 */
export function boundOf(input: z.output<typeof createKeyInput>, own: BoundAttribution): BoundAttribution {
  const fields = ['project', 'environment', 'agent', 'user'] as const;
  const [project, environment, agent, user] = fields.map((field) => input[field] ?? own[field]);
  const bound = {
    project: project ?? null,
    environment: environment ?? null,
    agent: agent ?? null,
    user: user ?? null,
    tags: { ...own.tags, ...input.tags },
  };
  requireAsBound(own, bound);
  return bound;
}

/**
 * When a new key is over: what the body says, at the latest with its maker.
 *
 * @throws AppError `forbidden` where the body names a later time
 */
export function expiryOf(asked: string | undefined, own: Date | null): Date | undefined {
  const wanted = asked === undefined ? undefined : new Date(asked);
  requireAsShort(own, wanted ?? own);
  return wanted ?? own ?? undefined;
}

/** Refuses a key that is good for longer than the one that makes or rotates it. */
export function requireAsShort(own: Date | null, given: Date | null): void {
  if (own === null || (given !== null && given <= own)) return;
  throw new AppError('forbidden', 'This key ends: it can only make and rotate keys that end no later.');
}

/** Refuses a key that is bound to less, or to something else, than the one that makes, rotates or revokes it. */
export function requireAsBound(own: BoundAttribution, given: BoundAttribution): void {
  const { tags: ownTags, ...ownNames } = own;
  const { tags, ...names } = given;
  const asBound =
    Object.entries(ownNames).every(
      ([field, value]) =>
        value === null || Object.entries(names).some(([name, other]) => name === field && other === value),
    ) && Object.entries(ownTags).every(([key, value]) => tags[key] === value);
  if (!asBound)
    throw new AppError('forbidden', 'This key is bound: it can only manage keys that are bound to the same.');
}

export function userBody(user: User): UserBody {
  return {
    id: user.id,
    email: user.email,
    name: user.name,
    admin: user.isAdmin,
    created_at: user.createdAt.toISOString(),
    disabled_at: user.disabledAt?.toISOString() ?? null,
    last_seen_at: user.lastSeenAt?.toISOString() ?? null,
    memberships: user.memberships.map((one) => ({
      tenant: one.tenantId,
      role: one.role,
      status: one.disabledAt !== null ? 'disabled' : one.acceptedAt === null ? 'invited' : 'active',
      created_at: one.createdAt.toISOString(),
    })),
  };
}

export function sessionBody(session: Session, asking: Identity): SessionBody {
  return {
    id: session.id,
    user:
      session.userId === null || session.email === null ? null : { id: session.userId, email: session.email },
    role: session.role,
    tenant: session.tenantId,
    created_at: session.createdAt.toISOString(),
    last_seen_at: session.lastSeenAt.toISOString(),
    expires_at: session.expiresAt.toISOString(),
    user_agent: session.userAgent,
    current: asking.kind === 'session' && asking.keyId === session.id,
  };
}
