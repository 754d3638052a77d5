/** Headers that are for Farthing only: they are not forwarded in either direction. */
import type { IncomingHttpHeaders } from 'node:http';

/** Everything below this prefix is for Farthing and never leaves it. */
export const OWN_PREFIX = 'x-farthing-';

/** Whether a header is ours, also in spellings that some servers take for the same one. Names in lower case. */
export const isOwnHeader = (name: string): boolean => /^x[-_]farthing/.test(name);

/** A single request header's value. */
export function single(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}
