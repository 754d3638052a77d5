/** Tells the database for whom a request reads, so that callers take turns and nothing is read for who has left. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { askedBy } from '../../db/asker.ts';
import type { Identity } from '../../tenants/identity.ts';
import type { Holder } from '../../tenants/seats.ts';

/** Among whom shares are shared out: the caller's tenant, in it the person or the key. */
export const holderOf = ({ tenantId, userId, keyId }: Identity): Holder => ({
  tenant: tenantId,
  key: userId ?? keyId,
});

/**
 * Fastify's `preHandler`: whatever the handler reads is the caller's. Recording takes no part in it, it has its own
 * queue.
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
