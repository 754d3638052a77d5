/** Who may do what: permissions, and the roles that are sets of them. One table, used by server, CLI and documentation. */

/** What a key or a session may be allowed to do. Every route that is not public demands exactly one of these. */
export const PERMISSIONS = [
  /** Record events, call through the gateway. */
  'events:write',
  /** Every read of costs and events: reports, lists, the live stream, exports. */
  'usage:read',
  /** Agents: limits, resets, pausing. */
  'agents:write',
  /** Alert thresholds. */
  'alerts:write',
  /** API keys of the own tenant. */
  'keys:manage',
  /** Users, their roles and sessions in the own tenant. */
  'users:manage',
  /** Projects, settings, retention, erasure and the audit log of the own tenant. */
  'tenant:manage',
  /** Everything across tenants: tenants, prices, re-rating, jobs, invariants. */
  'instance:manage',
] as const;

export type Permission = (typeof PERMISSIONS)[number];

/** Roles of keys; people have the first four. */
export const ROLES = ['admin', 'tenant_admin', 'member', 'viewer', 'ingest'] as const;

export type Role = (typeof ROLES)[number];

/** Roles that a person can have in a tenant. */
export const MEMBER_ROLES = ['tenant_admin', 'member', 'viewer'] as const;

export type MemberRole = (typeof MEMBER_ROLES)[number];

/**
 * What each role may do. `admin` is the only one without a tenant; every other reaches its own tenant alone.
 *
 * @example ROLE_PERMISSIONS.viewer // ['usage:read']
 */
export const ROLE_PERMISSIONS = {
  admin: PERMISSIONS,
  tenant_admin: [
    'events:write',
    'usage:read',
    'agents:write',
    'alerts:write',
    'keys:manage',
    'users:manage',
    'tenant:manage',
  ],
  member: ['events:write', 'usage:read', 'agents:write', 'alerts:write'],
  viewer: ['usage:read'],
  ingest: ['events:write'],
} as const satisfies { readonly [R in Role]: readonly Permission[] };
