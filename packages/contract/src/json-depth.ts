/** The bound on how deep JSON from outside may nest, checked on the text, before a parser builds anything. */

/** Deepest nesting of arrays and objects that is read. */
export const MAX_JSON_DEPTH = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * True when JSON text (UTF-8 bytes) nests deeper than `limit`. One pass, no allocation; text that is not JSON
 * gives some answer and fails in the parser afterwards.
 *
 * @example nestsTooDeep(Buffer.from('[[1]]'), 1) // true
 */
export function nestsTooDeep(text: Uint8Array, limit: number = MAX_JSON_DEPTH): boolean {
  let depth = 0;
  const { length } = text;
  for (let at = 0; at < length; at++) {
    const byte = text[at];
    if (byte === QUOTE) {
      for (at++; at < length && text[at] !== QUOTE; at++) if (text[at] === BACKSLASH) at++;
    } else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > limit) return true;
    } else if (byte === 0x7d || byte === 0x5d) {
      depth--;
    }
  }
  return false;
}
