/** The position at which a page of a list ended. Opaque to callers; a cursor they send is validated, not trusted. */
import { z } from 'zod';
import { refuseParameter } from './refuse.ts';

/** `next_cursor` of the page before. */
export const cursorInput = z.string().min(1).max(2048);

const part = z
  .string()
  .max(512)
  .refine((text) => !text.includes('\0'));

/** A position in the order of a list, as text. */
export const encodePageCursor = (position: readonly string[]): string =>
  Buffer.from(JSON.stringify(position), 'utf8').toString('base64url');

/**
 * The position of a cursor; refuses one that no page returned. It is only a position: it does not decide which rows the
 * caller may see.
 *
 * @example const [tenant, name] = decodePageCursor(cursor, 2);
 */
export function decodePageCursor(cursor: string, parts: number): string[] {
  const position = z
    .array(part)
    .length(parts)
    .safeParse(parseJson(Buffer.from(cursor, 'base64url').toString('utf8')));
  if (!position.success) throw refuseParameter('cursor', 'is not one that an earlier page gave');
  return position.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
