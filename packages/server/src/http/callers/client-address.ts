/** The address a request comes from, as far as it can be trusted. */
import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';

/**
 * The client's address: the connection's, or the one that a trusted proxy (`trustedProxies` of the server) reports. If
 * a proxy reports something that is not an address, the proxy's own.
 */
export function clientAddress(request: FastifyRequest): string {
  return isIP(request.ip) === 0 ? (request.socket.remoteAddress ?? 'unknown') : request.ip;
}
