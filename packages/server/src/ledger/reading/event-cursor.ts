/**
 * The position at which a page of the event list ended. Opaque to callers; a cursor they send is validated, not
 * trusted.
 */
import { z } from 'zod';

export interface EventPosition {
  /** Exact event time, RFC 3339 UTC with microseconds. */
  readonly time: string;
  readonly id: string;
  readonly tenant: string;
}

const position = z.tuple([
  z.iso.datetime({ precision: 6 }),
  z
    .string()
    .min(1)
    .max(256)
    .refine((text) => !text.includes('\0')),
  z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/),
]);

export function encodeCursor({ time, id, tenant }: EventPosition): string {
  return Buffer.from(JSON.stringify([time, id, tenant]), 'utf8').toString('base64url');
}

/**
 * The position, or null for a cursor that no page returned. It is only a position: it does not decide which rows the
 * caller may see.
 */
export function decodeCursor(cursor: string): EventPosition | null {
  try {
    const parsed = position.safeParse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    if (!parsed.success) return null;
    const [time, id, tenant] = parsed.data;
    return { time, id, tenant };
  } catch {
    return null;
  }
}
