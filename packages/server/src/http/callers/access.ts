/** The permission a route demands of its caller. A route that states none is refused when it is registered. */
import { AppError, type Permission, ROLE_PERMISSIONS, type Role } from '@farthing/contract';
import type { FastifyRequest } from 'fastify';
import { BEYOND_A_BINDING, type Identity, isBound } from '../../tenants/identity.ts';
import { DEFAULT_TENANT } from '../../tenants/tenant.ts';

/** `public`: anyone. Otherwise the one permission that a caller must have. */
export type Access = 'public' | Permission;

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
    /**
     * The handler bounds its own time; the server sets no timer. For the hot path: the framework's costs a timer and an
     * aborted signal per request.
     */
    ownDeadline?: boolean;
  }
  interface FastifyRequest {
    /** The caller; null on public routes without a key. Read it with {@link callerOf}. */
    identity: Identity | null;
    /** Checks the caller again: for long requests, since a key can be revoked meanwhile. */
    identifyAgain(): Promise<Identity | null>;
  }
}

/** The caller of a route that is not public. */
export function callerOf(request: FastifyRequest): Identity {
  if (request.identity === null) throw new AppError('unauthorized', 'This needs an API key.');
  return request.identity;
}

/** Refuses a caller who lacks a permission, in words that say which. */
export function requirePermission(identity: Identity, permission: Permission): void {
  if (identity.permissions.has(permission)) return;
  const ofRole: readonly Permission[] = ROLE_PERMISSIONS[identity.role];
  if (ofRole.includes(permission) && isBound(identity.bound) && BEYOND_A_BINDING.includes(permission)) {
    throw new AppError(
      'forbidden',
      `This needs "${permission}", which a bound key never has: use one that fixes no attribution.`,
    );
  }
  if (ofRole.includes(permission)) {
    throw new AppError(
      'forbidden',
      `This needs "${permission}", which this ${identity.kind}'s scopes leave out.`,
    );
  }
  throw new AppError(
    'forbidden',
    `This needs the permission "${permission}", which a ${identity.role.replace('_', ' ')} ${identity.kind} like yours does not have.`,
  );
}

/**
 * Refuses to grant permissions that the caller does not have: no key creates a more powerful one, and no user gives
 * another a role above their own. Administrators, who have no tenant, are made by administrators only.
 *
 * @example requireGrantable(identity, 'member')
 */
export function requireGrantable(
  identity: Identity,
  role: Role,
  permissions: readonly Permission[] = ROLE_PERMISSIONS[role],
): void {
  const beyond = permissions.find((permission) => !identity.permissions.has(permission));
  if (beyond === undefined && (role !== 'admin' || identity.tenantId === null)) return;
  throw new AppError(
    'forbidden',
    beyond === undefined
      ? 'Only an administrator of the instance can make or change administrators.'
      : `You cannot give, or change for others, what you do not have yourself: "${beyond}".`,
  );
}

/**
 * The tenant a change is about: the caller's own, or for an administrator the named one, else `default`. Other callers
 * that name another tenant get the same error whether it exists or not.
 */
export function writableTenant(identity: Identity, asked: string | undefined): string {
  if (identity.tenantId === null) return asked ?? DEFAULT_TENANT;
  if (asked !== undefined && asked !== identity.tenantId) {
    throw new AppError('forbidden', 'This key belongs to one tenant and cannot change another.');
  }
  return identity.tenantId;
}

/**
 * The tenant a read is about: the caller's own, or for an administrator the named one, where null means all. Other
 * callers that name another tenant get the same error whether it exists or not.
 *
 * @example const tenant = readableTenant(callerOf(request), query.tenant);
 */
export function readableTenant(identity: Identity, asked: string | undefined): string | null {
  if (identity.tenantId === null) return asked ?? null;
  if (asked !== undefined && asked !== identity.tenantId) {
    throw new AppError('forbidden', 'This key belongs to one tenant and cannot read another.');
  }
  return identity.tenantId;
}

/** Refuses to change an agent other than the one the key is bound to. */
export function requireOwnAgent({ bound }: Identity, agent: string): void {
  if (bound.agent === null || bound.agent === agent) return;
  throw new AppError('forbidden', 'This key is bound to one agent and cannot change another.');
}
