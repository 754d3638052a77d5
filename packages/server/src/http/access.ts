/** What a route demands of its caller. A route that does not say is refused when it is registered. */
import { AppError } from '@farthing/contract';
import type { FastifyRequest } from 'fastify';
import type { Identity } from '../tenants/api-key.ts';

/** `public`: anyone. `tenant`: any valid key. `admin`: an admin key. */
export type Access = 'public' | 'tenant' | 'admin';

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

/**
 * The tenant a read is about: the key's own, or for an admin key the one asked for, null meaning all of them.
 * A tenant key that names another tenant is refused in the same words whether that tenant exists or not.
 *
 * @example const tenant = readableTenant(identityOf(request), query.tenant);
 */
export function readableTenant(identity: Identity, asked: string | undefined): string | null {
  if (identity.role === 'admin') return asked ?? null;
  if (asked !== undefined && asked !== identity.tenantId) {
    throw new AppError('forbidden', 'This key belongs to one tenant and cannot read another.');
  }
  return identity.tenantId;
}
