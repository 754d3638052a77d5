/** Headers that the gateway forwards to the provider and back to the client. Flat lists hold names and values in turn. */
import { SESSION_COOKIE } from '../../http/callers/session-cookie.ts';
import { isOwnHeader } from './own-headers.ts';

/** Hop-by-hop (RFC 9110 7.6.1) and what each side of the gateway sets for itself. */
const NOT_FORWARDED = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
  'expect',
]);

/** The cookie of the dashboard, also with the prefixes that browsers know. */
const SESSION = `(?:__(?:host|secure)-)?${SESSION_COOKIE}`;
const SESSION_PAIR = new RegExp(`^\\s*${SESSION}\\s*(?:=|$)`, 'i');
/** A cookie may be set without a name: browsers then send its value alone. */
const SESSION_SET = new RegExp(`^[\\s=]*${SESSION}\\s*(?:[=;]|$)`, 'i');

/** How the forwarded request differs from the received one. */
export interface RequestChange {
  /** Bytes of a body that was rewritten; absent: the length the caller stated stands. */
  readonly contentLength?: number;
  /** Ask for an answer without compression, so that usage can be read as it streams by. */
  readonly plainAnswer: boolean;
}

/**
 * The headers for the provider, as a flat list of names and values: everything the caller sent but hop-by-hop
 * headers, headers named by `connection`, `x-farthing-*`, and the cookie of the dashboard.
 */
export function upstreamHeaders(rawHeaders: readonly string[], change: RequestChange): string[] {
  const named = namedByConnection(rawHeaders);
  const forwarded: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    const lower = name.toLowerCase();
    if (NOT_FORWARDED.has(lower) || named.has(lower) || isOwnHeader(lower)) continue;
    if (lower === 'content-length' && change.contentLength !== undefined) continue;
    if (lower === 'accept-encoding' && change.plainAnswer) continue;
    const value = rawHeaders[index + 1] ?? '';
    const sent = lower === 'cookie' ? withoutSession(value) : value;
    if (sent !== null) forwarded.push(name, sent);
  }
  if (change.contentLength !== undefined) forwarded.push('content-length', String(change.contentLength));
  if (change.plainAnswer) forwarded.push('accept-encoding', 'identity');
  return forwarded;
}

/**
 * The headers for the caller, as a flat list: everything the provider sent but hop-by-hop headers, and what would pass
 * for ours: `x-farthing-*`, the cookie of the dashboard.
 *
 * @param bodyChanges the body will lose a part, so the stated length does not hold
 */
export function downstreamHeaders(text: readonly string[], bodyChanges: boolean): string[] {
  const named = namedByConnection(text);
  const forwarded: string[] = [];
  for (let index = 0; index < text.length; index += 2) {
    const name = text[index] ?? '';
    const lower = name.toLowerCase();
    if (NOT_FORWARDED.has(lower) || named.has(lower) || isOwnHeader(lower)) continue;
    if (bodyChanges && lower === 'content-length') continue;
    const value = text[index + 1] ?? '';
    if (lower === 'set-cookie' && SESSION_SET.test(value)) continue;
    forwarded.push(name, value);
  }
  return forwarded;
}

/** The first value of a flat header list, lower-cased name; undefined where it is missing. */
export function headerOf(flat: readonly string[], name: string): string | undefined {
  for (let index = 0; index < flat.length; index += 2) {
    if (flat[index]?.toLowerCase() === name) return flat[index + 1];
  }
  return undefined;
}

/** A flat header list as pairs of name and value. */
export function* headerPairs(flat: readonly string[]): Iterable<readonly [name: string, value: string]> {
  for (let index = 0; index < flat.length; index += 2) yield [flat[index] ?? '', flat[index + 1] ?? ''];
}

/** A `cookie` header without the session of the dashboard; null where nothing is left. */
function withoutSession(cookies: string): string | null {
  if (!cookies.toLowerCase().includes(SESSION_COOKIE)) return cookies;
  const kept = cookies.split(';').filter((pair) => !SESSION_PAIR.test(pair));
  return kept.length === 0 ? null : kept.join(';').trim();
}

/** Headers that `connection` declares to be for one hop only; usually none. */
function namedByConnection(flat: readonly string[]): ReadonlySet<string> {
  let named: Set<string> | null = null;
  for (let index = 0; index < flat.length; index += 2) {
    const name = flat[index] ?? '';
    if (name.length !== 10 || name.toLowerCase() !== 'connection') continue;
    named ??= new Set();
    for (const one of (flat[index + 1] ?? '').split(',')) named.add(one.trim().toLowerCase());
  }
  return named ?? NONE;
}

const NONE: ReadonlySet<string> = new Set();
