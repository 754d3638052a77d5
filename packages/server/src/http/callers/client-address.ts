/** Where a request comes from, as far as that can be believed. */
import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';

/**
 * The client's address: the connection's, or what a trusted proxy says stands in front of it (`trustedProxies` of the
 * server). Where a proxy says something that is no address, its own.
 */
export function clientAddress(request: FastifyRequest): string {
  return isIP(request.ip) === 0 ? (request.socket.remoteAddress ?? 'unknown') : request.ip;
}
