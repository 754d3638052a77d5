/** The cookie that carries a dashboard session. */

import type { IncomingHttpHeaders } from 'node:http';
import { parseCookie, stringifySetCookie } from 'cookie';

const COOKIE = 'farthing_session';
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * The session's secret; null without a cookie, and for a changing request that another site caused: `SameSite`
 * already keeps the cookie from those, this does not rely on it.
 */
export function sessionSecretOf(method: string, headers: IncomingHttpHeaders): string | null {
  if (headers.cookie === undefined) return null;
  const secret = parseCookie(headers.cookie)[COOKIE];
  if (secret === undefined || secret === '') return null;
  if (SAFE_METHODS.has(method)) return secret;
  return isSameOrigin(headers) ? secret : null;
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
    name: COOKIE,
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
