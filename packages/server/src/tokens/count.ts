/** Counts the tokens of a text with an effort that is bounded, whatever the text is. */

/** Counts a short text exactly. */
export type Encode = (text: string) => number;

/** Longest text that is encoded at once. Encoding time grows with the square of an unbroken run of characters. */
export const PIECE_LENGTH = 128;
/**
 * Longest text that is read whole. Of a longer one, samples of this total length are read, spread evenly, and
 * extrapolated.
 */
export const MAX_READ = 32_768;

export interface TextCount {
  readonly tokens: number;
  /** True where only samples of the text were read. */
  readonly sampled: boolean;
}

/**
 * Counts tokens in pieces of at most {@link PIECE_LENGTH} characters: at most 513 short calls of `encode`, whatever the
 * text. Pieces end at a space where one is near, since tokens begin with theirs; elsewhere a cut costs a token at most.
 *
 * @example countText('a farthing', encode) // { tokens: 4, sampled: false }
 */
export function countText(text: string, encode: Encode): TextCount {
  if (text.length <= MAX_READ) return { tokens: countWhole(text, encode), sampled: false };
  const windows = MAX_READ / PIECE_LENGTH;
  const stride = (text.length - PIECE_LENGTH) / (windows - 1);
  let tokens = 0;
  for (let at = 0; at < windows; at += 1) {
    const from = Math.floor(at * stride);
    tokens += encode(text.slice(from, from + PIECE_LENGTH));
  }
  return { tokens: Math.ceil((tokens * text.length) / MAX_READ), sampled: true };
}

function countWhole(text: string, encode: Encode): number {
  let tokens = 0;
  for (let from = 0; from < text.length; ) {
    const to = pieceEnd(text, from);
    tokens += encode(text.slice(from, to));
    from = to;
  }
  return tokens;
}

function pieceEnd(text: string, from: number): number {
  const to = from + PIECE_LENGTH;
  if (to >= text.length) return text.length;
  // Within the piece only: a text without a space must not be searched to its beginning for each.
  const space = text.slice(from, to + 1).lastIndexOf(' ');
  if (space > PIECE_LENGTH / 2) return from + space;
  const last = text.charCodeAt(to - 1);
  // Half of a surrogate pair would count as another character.
  return last >= 0xd800 && last <= 0xdbff ? to - 1 : to;
}
