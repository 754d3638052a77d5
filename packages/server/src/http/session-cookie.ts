/** The cookie that carries a dashboard session. */

import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '@farthing/contract';
import { parseCookie, stringifySetCookie } from 'cookie';

/** Name of the cookie. */
export const SESSION_COOKIE = 'farthing_session';
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * The session's secret; null without a cookie, and for a changing request that another site caused: `SameSite`
 * already keeps the cookie from those, this does not rely on it.
 */
export function sessionSecretOf(method: string, headers: IncomingHttpHeaders): string | null {
  if (headers.cookie === undefined) return null;
  const secret = parseCookie(headers.cookie)[SESSION_COOKIE];
  if (secret === undefined || secret === '') return null;
  if (SAFE_METHODS.has(method)) return secret;
  return isSameOrigin(headers) ? secret : null;
}

/**
 * Refuses a request that another site's page makes a browser send: for signing in, which needs no cookie to do harm.
 *
 * @throws AppError `forbidden`
 */
export function refuseOtherSites(headers: IncomingHttpHeaders): void {
  const fromBrowser = headers['sec-fetch-site'] !== undefined || headers.origin !== undefined;
  if (fromBrowser && !isSameOrigin(headers))
    throw new AppError('forbidden', "Signing in is done on Farthing's own page, not from another site.");
}

function isSameOrigin(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const { origin, host } = headers;
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}

/** `Set-Cookie` for a new session. `secure`: the dashboard is reached by https. */
export function sessionCookie(secret: string, maxAge: number, secure: boolean): string {
  return stringifySetCookie({
    name: SESSION_COOKIE,
    value: secret,
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure,
    maxAge,
  });
}

/** `Set-Cookie` that removes the session. */
export function endedSessionCookie(secure: boolean): string {
  return sessionCookie('', 0, secure);
}
