/**
 * Tells the database which caller a request reads for, so that callers take turns and reads stop when their caller has
 * left.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { askedBy } from '../../db/asker.ts';
import type { Identity } from '../../tenants/identity.ts';
import type { Holder } from '../../tenants/seats.ts';

/** The unit that gets a share: the caller's tenant, and within it the person or the key. */
export const holderOf = ({ tenantId, userId, keyId }: Identity): Holder => ({
  tenant: tenantId,
  key: userId ?? keyId,
});

/**
 * Fastify's `preHandler`: every read of the handler is on the caller's behalf. Recording is not affected, it has its
 * own queue.
 */
export function readAsCaller(request: FastifyRequest, reply: FastifyReply, next: () => void): void {
  const { identity } = request;
  const { access } = request.routeOptions.config;
  if (identity === null || access === 'public' || access === 'events:write') {
    next();
    return;
  }
  const gone = new AbortController();
  const { raw } = reply;
  raw.once('close', () => {
    if (!raw.writableEnded) gone.abort(new Error('The client has left.'));
  });
  askedBy({ ...holderOf(identity), gone: gone.signal, answered: () => raw.writableEnded }, next);
}
