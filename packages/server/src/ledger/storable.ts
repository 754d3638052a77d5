/**
 * Content that no event may hold, since PostgreSQL or a reader of the event cannot handle it. Every entry point checks
 * it.
 */
import type { Json } from '@farthing/pricing';

/** The first thing in a value that cannot be stored. */
export interface Unstorable {
  /** Dotted path, `usage.details.0`. */
  readonly path: string;
  /** A sentence for the sender. */
  readonly message: string;
}

/**
 * Finds text that PostgreSQL cannot hold (NUL, half a surrogate pair), in keys too, and `__proto__` as a key.
 *
 * @param path how the value itself is named in the answer
 *
 * @example findUnstorable({ name: '\0' }, 'usage')?.path // 'usage.name'
 */
export function findUnstorable(value: Json | undefined, path: string): Unstorable | null {
  if (typeof value === 'string') return isStorableText(value) ? null : { path, message: UNSTORABLE_TEXT };
  if (typeof value !== 'object' || value === null) return null;
  for (const key of Object.keys(value)) {
    if (key === '__proto__') return { path, message: '"__proto__" is not accepted as a key.' };
    if (!isStorableText(key)) return { path, message: UNSTORABLE_TEXT };
    const found = findUnstorable((value as { readonly [key: string]: Json })[key], `${path}.${key}`);
    if (found !== null) return found;
  }
  return null;
}

const UNSTORABLE_TEXT = 'The text holds a NUL or half a surrogate pair and cannot be stored.';

/** False for a text with a NUL or half a surrogate pair. */
export function isStorableText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}
