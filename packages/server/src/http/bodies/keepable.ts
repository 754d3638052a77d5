/** Text that no database keeps as it is: NUL, and half of a surrogate pair. It is refused before anything is done. */

/** JSON escapes that can encode such text: a cheap test before the expensive one. */
const SUSPECT = /\\u(?:0000|[dD][89a-fA-F])/;

/** False for text with NUL or half of a surrogate pair. */
export const isKeepable = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

/** Whether every text in a parsed JSON value, the names of members too, can be kept. `source` is what it was read from. */
export function holdsKeepable(value: unknown, source: string): boolean {
  return !SUSPECT.test(source) || everyText(value);
}

function everyText(value: unknown): boolean {
  if (typeof value === 'string') return isKeepable(value);
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(everyText);
  return Object.entries(value).every(([name, member]) => isKeepable(name) && everyText(member));
}
