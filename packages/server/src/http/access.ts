/** What a route demands of its caller. A route that does not say is refused when it is registered. */
import { AppError, type Permission } from '@farthing/contract';
import type { FastifyRequest } from 'fastify';
import type { Identity } from '../tenants/identity.ts';

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
    /** Who is calling; null on public routes without a key. Read it with {@link identityOf}. */
    identity: Identity | null;
  }
}

/** The caller of a route that is not public. */
export function identityOf(request: FastifyRequest): Identity {
  if (request.identity === null) throw new AppError('unauthorized', 'This needs an API key.');
  return request.identity;
}

/** Refuses a caller who lacks a permission, in words that say which. */
export function requirePermission(identity: Identity, permission: Permission): void {
  if (identity.permissions.has(permission)) return;
  throw new AppError(
    'forbidden',
    `This needs the permission "${permission}", which a ${identity.role.replace('_', ' ')} ${identity.kind} like yours does not have.`,
  );
}

/**
 * The tenant a read is about: the caller's own, or for an administrator the one asked for, null meaning all of them.
 * Everybody else who names another tenant is refused in the same words whether that tenant exists or not.
 *
 * @example const tenant = readableTenant(identityOf(request), query.tenant);
 */
export function readableTenant(identity: Identity, asked: string | undefined): string | null {
  if (identity.tenantId === null) return asked ?? null;
  if (asked !== undefined && asked !== identity.tenantId) {
    throw new AppError('forbidden', 'This key belongs to one tenant and cannot read another.');
  }
  return identity.tenantId;
}
