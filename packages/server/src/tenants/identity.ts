/** Who is calling: made once, when a key or a session was found good, and asked for permissions from then on. */
import { type Permission, ROLE_PERMISSIONS, type Role } from '@farthing/contract';

/** What a key fixes of everything written with it; null and no tags: the caller says. */
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
 * What a bound key never may, whatever its role: each of these makes people, keys or settings that know nothing of the
 * binding, and so would be a way out of it.
 */
export const BEYOND_A_BINDING: readonly Permission[] = ['users:manage', 'tenant:manage', 'instance:manage'];

/** Who is calling. */
export interface Identity {
  /** Id of the key; of the session for a browser. */
  readonly keyId: string;
  readonly kind: 'key' | 'session' | 'command line';
  /** Who stands in the audit log instead of the key; null: the key, the session or its person. */
  readonly actor: string | null;
  /** The person signed in; null for keys, and for sessions that a link of the server's machine made. */
  readonly userId: string | null;
  readonly role: Role;
  /** The tenant of every role but `admin`; null for an administrator, who may name any. */
  readonly tenantId: string | null;
  readonly bound: BoundAttribution;
  /** When the key is over; null: never, or no key. What it makes is over then too. */
  readonly expiresAt: Date | null;
  /** What the caller may do: those of the role, or fewer where the key has scopes or is bound. */
  readonly permissions: ReadonlySet<Permission>;
}

/** What makes an identity; whatever is absent is "nothing special". */
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

/** What a key may do: what its role may, narrowed by its scopes and by a binding. */
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
