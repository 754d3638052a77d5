/** A stream given as one JSON string, unescaped and read piece by piece. */
import type { StreamExtractor } from '@farthing/pricing/extract';
import { RejectionError } from '../tenants/attribution/rejection-error.ts';

const PIECE_BYTES = 262_144;
const BACKSLASH = 0x5c;
const U = 0x75;

/**
 * Feeds the text between the quotes of a JSON string to a reader of streams.
 *
 * @param turn lets others have their turn between two pieces
 * @throws RejectionError `invalid_json` where it is no text
 */
export async function feedStream(
  extractor: StreamExtractor,
  escaped: Buffer,
  isBase64: boolean,
  turn: () => Promise<void>,
): Promise<void> {
  let left = '';
  for (let from = 0; from < escaped.length; ) {
    const to = pieceEnd(escaped, from);
    const text = unescaped(escaped.toString('utf8', from, to));
    if (isBase64) {
      const base64 = left + text;
      // Four characters are three bytes.
      const whole = base64.length - (base64.length % 4);
      extractor.push(Buffer.from(base64.slice(0, whole), 'base64'));
      left = base64.slice(whole);
    } else extractor.push(text);
    from = to;
    await turn();
  }
  if (left !== '') extractor.push(Buffer.from(left, 'base64'));
}

/** Feeds a text that is unescaped already; see {@link feedStream}. */
export async function feedText(
  extractor: StreamExtractor,
  text: string,
  isBase64: boolean,
  turn: () => Promise<void>,
): Promise<void> {
  // A multiple of four, so that the base64 characters are whole bytes.
  for (let from = 0; from < text.length; from += PIECE_BYTES) {
    const piece = text.slice(from, from + PIECE_BYTES);
    extractor.push(isBase64 ? Buffer.from(piece, 'base64') : piece);
    await turn();
  }
}

/** Position at which a piece may end: neither inside an escape nor inside a character. */
function pieceEnd(bytes: Buffer, from: number): number {
  const target = from + PIECE_BYTES;
  let at = from;
  while (at < bytes.length && at < target) {
    if (bytes[at] === BACKSLASH) at += bytes[at + 1] === U ? 6 : 2;
    else at += 1;
  }
  while (at < bytes.length && ((bytes[at] ?? 0) & 0xc0) === 0x80) at += 1;
  return Math.min(at, bytes.length);
}

function unescaped(text: string): string {
  try {
    const value: unknown = JSON.parse(`"${text}"`);
    return typeof value === 'string' ? value : '';
  } catch {
    throw new RejectionError('invalid_json', 'The stream is no JSON text.');
  }
}
