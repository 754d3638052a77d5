/** The cookie that carries a dashboard session. */
import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '@farthing/contract';
import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyRequest } from 'fastify';

/** Name of the cookie. */
export const SESSION_COOKIE = 'farthing_session';
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Parts of a request that tell its origin. `protocol` and `host` come from the trusted proxy, if there is one. */
export type SessionRequest = Pick<FastifyRequest, 'method' | 'protocol' | 'host'> & {
  readonly headers: IncomingHttpHeaders;
};

/**
 * The session's secret; null without a cookie, and for a changing request that another site caused: `SameSite`
 * already keeps the cookie from those, this does not rely on it. `publicUrl`: the dashboard's address, if configured.
 */
export function sessionSecretOf(asking: SessionRequest, publicUrl: string | null): string | null {
  const { method, headers } = asking;
  if (headers.cookie === undefined) return null;
  const secret = parseCookie(headers.cookie)[SESSION_COOKIE];
  if (secret === undefined || secret === '') return null;
  if (SAFE_METHODS.has(method)) return secret;
  return isSameOrigin(asking, publicUrl) ? secret : null;
}

/**
 * Refuses a request that another site's page makes a browser send: for signing in, which needs no cookie to do harm.
 *
 * @throws AppError `forbidden`
 */
export function refuseOtherSites(asking: SessionRequest, publicUrl: string | null): void {
  const { headers } = asking;
  const fromBrowser = headers['sec-fetch-site'] !== undefined || headers.origin !== undefined;
  if (fromBrowser && !isSameOrigin(asking, publicUrl))
    throw new AppError('forbidden', "Signing in is done on Farthing's own page, not from another site.");
}

/** A browser that says nothing of the site says its origin: scheme, host and port must be ours. */
function isSameOrigin({ headers, protocol, host }: SessionRequest, publicUrl: string | null): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const origin = originOf(headers.origin);
  if (origin === null) return false;
  return origin === originOf(`${protocol}://${host}`) || origin === originOf(publicUrl ?? undefined);
}

/** The origin as a browser writes it; null if it is not a web origin, such as `null` or `ftp://host`. */
function originOf(url: string | undefined): string | null {
  if (url === undefined || !URL.canParse(url)) return null;
  const { protocol, origin } = new URL(url);
  return protocol === 'http:' || protocol === 'https:' ? origin : null;
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
