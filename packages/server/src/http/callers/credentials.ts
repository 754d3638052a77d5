/** Finds the API key of a request. */
import type { IncomingHttpHeaders } from 'node:http';

const BEARER = /^bearer +/i;

/**
 * The key of a request: `x-farthing-key`, else `Authorization: Bearer`. Null when there is none. Header bytes are
 * read as UTF-8, so that a key with other letters than ASCII is the same one everywhere.
 */
export function apiKeyOf(headers: IncomingHttpHeaders): string | null {
  const own = headers['x-farthing-key'];
  if (typeof own === 'string' && own !== '') return asUtf8(own);
  const { authorization } = headers;
  if (authorization === undefined || !BEARER.test(authorization)) return null;
  const key = authorization.replace(BEARER, '').trim();
  return key === '' ? null : asUtf8(key);
}

/** Node hands header bytes over as Latin-1. */
function asUtf8(header: string): string {
  return /^[\x20-\x7e]*$/.test(header) ? header : Buffer.from(header, 'latin1').toString('utf8');
}
