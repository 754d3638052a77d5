/** Where a member of a JSON object stands in its bytes, so that it can be rewritten and nothing else. */

/** From the first byte of a value to the one behind its last. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x7b, 0x5b]);
const CLOSING = new Set([0x7d, 0x5d]);
const COMMA = 0x2c;
const COLON = 0x3a;
const SPACES = new Set([0x20, 0x09, 0x0a, 0x0d]);

/**
 * The value of a member of the outermost object; of the last one where the key is doubled, since that one counts.
 *
 * @param json an object that `JSON.parse` accepts; a byte order mark may stand before it
 *
 * @example memberValue(Buffer.from('{"a": 12}'), 'a') // { from: 6, to: 8 }
 */
export function memberValue(json: Buffer, key: string): Span | null {
  let found: Span | null = null;
  let depth = 0;
  let at = json.indexOf(0x7b);
  let name: string | null = null;
  let from = 0;
  for (; at < json.length; at += 1) {
    const byte = json[at] ?? 0;
    if (byte === QUOTE) {
      const end = stringEnd(json, at);
      if (depth === 1 && name === null) name = JSON.parse(json.toString('utf8', at, end));
      at = end - 1;
    } else if (OPENING.has(byte)) depth += 1;
    else if (byte === COLON && depth === 1) from = at + 1;
    else if (CLOSING.has(byte) || (byte === COMMA && depth === 1)) {
      if (depth === 1 && name === key) found = trim(json, from, at);
      if (depth === 1) name = null;
      if (byte !== COMMA) depth -= 1;
    }
  }
  return found;
}

/** Index behind the closing quote of the string that opens at `at`. */
function stringEnd(json: Buffer, at: number): number {
  let end = at + 1;
  while (end < json.length && json[end] !== QUOTE) end += json[end] === BACKSLASH ? 2 : 1;
  return end + 1;
}

function trim(json: Buffer, from: number, to: number): Span {
  let [first, behind] = [from, to];
  while (SPACES.has(json[first] ?? 0)) first += 1;
  while (SPACES.has(json[behind - 1] ?? 0)) behind -= 1;
  return { from: first, to: behind };
}
