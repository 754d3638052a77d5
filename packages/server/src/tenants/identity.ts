/** The caller: created once, when a key or a session was found valid; permissions are checked against it from then on. */
import { type Permission, ROLE_PERMISSIONS, type Role } from '@farthing/contract';

/** Attribution that a key fixes for everything written with it; null, or no tags: the caller states it. */
export interface BoundAttribution {
  readonly project: string | null;
  readonly environment: string | null;
  readonly agent: string | null;
  readonly user: string | null;
  readonly tags: { readonly [key: string]: string };
}

/** A key or session that fixes nothing. */
export const UNBOUND: BoundAttribution = {
  project: null,
  environment: null,
  agent: null,
  user: null,
  tags: {},
};

/** True for a key that fixes anything. */
export const isBound = ({ tags, ...names }: BoundAttribution): boolean =>
  Object.values(names).some((name) => name !== null) || Object.keys(tags).length > 0;

/**
 * Permissions that a bound key never has, whatever its role: each would create people, keys or settings without the
 * binding, and so a way around it.
 */
export const BEYOND_A_BINDING: readonly Permission[] = ['users:manage', 'tenant:manage', 'instance:manage'];

/** The caller of a request. */
export interface Identity {
  /** Id of the key; of the session for a browser. */
  readonly keyId: string;
  readonly kind: 'key' | 'session' | 'command line';
  /** The actor in the audit log instead of the key; null: the key, the session or its person. */
  readonly actor: string | null;
  /** The person signed in; null for keys, and for sessions that a link of the server's machine made. */
  readonly userId: string | null;
  readonly role: Role;
  /** The tenant of every role but `admin`; null for an administrator, who may name any. */
  readonly tenantId: string | null;
  readonly bound: BoundAttribution;
  /** Expiry of the key; null: never, or no key. Keys made with it expire no later. */
  readonly expiresAt: Date | null;
  /** The caller's permissions: those of the role, or fewer if the key has scopes or is bound. */
  readonly permissions: ReadonlySet<Permission>;
}

/** Input of an identity; absent fields have their default. */
export interface IdentityFacts {
  readonly keyId: string;
  readonly role: Role;
  readonly tenantId: string | null;
  readonly kind?: Identity['kind'];
  readonly actor?: string | null;
  readonly userId?: string | null;
  readonly bound?: Partial<BoundAttribution>;
  readonly expiresAt?: Date | null;
  readonly scopes?: readonly Permission[] | null;
}

/** A key's permissions: those of its role, narrowed by its scopes and by a binding. */
export function permissionsOf(
  role: Role,
  scopes: readonly Permission[] | null,
  bound: BoundAttribution,
): ReadonlySet<Permission> {
  const allowed = new Set<Permission>(ROLE_PERMISSIONS[role]);
  if (isBound(bound)) for (const beyond of BEYOND_A_BINDING) allowed.delete(beyond);
  return scopes === null ? allowed : new Set(scopes.filter((scope) => allowed.has(scope)));
}

/**
 * Makes an identity. Scopes and a binding narrow a role and never widen it.
 *
 * @example makeIdentity({ keyId: 'k1', role: 'viewer', tenantId: 'acme' }).permissions.has('usage:read') // true
 */
export function makeIdentity(facts: IdentityFacts): Identity {
  const {
    keyId,
    role,
    tenantId,
    kind = 'key',
    userId = null,
    actor = null,
    bound: fixed = {},
    expiresAt = null,
    scopes = null,
  } = facts;
  const bound = { ...UNBOUND, ...fixed };
  if ((role === 'admin') !== (tenantId === null)) {
    throw new Error(`A ${role} ${tenantId === null ? 'without' : 'with'} a tenant is nobody.`);
  }
  return {
    keyId,
    kind,
    actor,
    userId,
    role,
    tenantId,
    bound,
    expiresAt,
    permissions: permissionsOf(role, scopes, bound),
  };
}

/**
 * The caller in the audit log: `key:<id>`, `user:<id>` for a person, `session:<id>` for a browser without one,
 * `cli:<name>` for who runs the command line.
 */
export function actorOf(identity: Identity): string {
  if (identity.actor !== null) return identity.actor;
  if (identity.userId !== null) return `user:${identity.userId}`;
  return `${identity.kind}:${identity.keyId}`;
}
