/** Every request has an id: the caller's, where it is a sane one, else a new one. It is answered as `x-request-id`. */
import type { IncomingMessage } from 'node:http';
import { v7 } from 'uuid';

const SANE = /^[\w.:/@=+-]{1,128}$/;

export function requestId(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && SANE.test(given) ? given : v7();
}
