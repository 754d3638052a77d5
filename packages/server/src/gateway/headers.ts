/** Headers at the gateway: what goes up, what comes down, and what is ours and goes nowhere. */
import type { IncomingHttpHeaders } from 'node:http';

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

/** Everything below this prefix is for Farthing and never leaves it. */
export const OWN_PREFIX = 'x-farthing-';

/** Also in spellings that some servers take for the same header. */
const OWN_HEADER = /^x[-_]farthing/;

/** How the forwarded request differs from the received one. */
export interface RequestChange {
  /** Bytes of a body that was rewritten; absent: the length the caller stated stands. */
  readonly contentLength?: number;
  /** Ask for an answer without compression, so that usage can be read as it streams by. */
  readonly plainAnswer: boolean;
}

/**
 * The headers for the provider, as a flat list of names and values: everything the caller sent but hop-by-hop
 * headers, headers named by `connection`, and `x-farthing-*`.
 */
export function upstreamHeaders(rawHeaders: readonly string[], change: RequestChange): string[] {
  const named = namedByConnection(rawHeaders);
  const forwarded: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    const lower = name.toLowerCase();
    if (NOT_FORWARDED.has(lower) || named.has(lower) || OWN_HEADER.test(lower)) continue;
    if (lower === 'content-length' && change.contentLength !== undefined) continue;
    if (lower === 'accept-encoding' && change.plainAnswer) continue;
    forwarded.push(name, rawHeaders[index + 1] ?? '');
  }
  if (change.contentLength !== undefined) forwarded.push('content-length', String(change.contentLength));
  if (change.plainAnswer) forwarded.push('accept-encoding', 'identity');
  return forwarded;
}

/**
 * The headers for the caller, as a flat list: everything the provider sent but hop-by-hop headers.
 *
 * @param bodyChanges the body will lose a part, so the stated length does not hold
 */
export function downstreamHeaders(text: readonly string[], bodyChanges: boolean): string[] {
  const named = namedByConnection(text);
  const forwarded: string[] = [];
  for (let index = 0; index < text.length; index += 2) {
    const name = text[index] ?? '';
    const lower = name.toLowerCase();
    if (NOT_FORWARDED.has(lower) || named.has(lower)) continue;
    if (bodyChanges && lower === 'content-length') continue;
    forwarded.push(name, text[index + 1] ?? '');
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

/** A single request header's value. */
export function single(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
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
