/**
 * The text without all repetitions of a character at its end. A regular expression (`/x+$/`) takes time with the square
 * of the length if the character also occurs elsewhere.
 *
 * @example withoutTrailing('/v1//', '/') // '/v1'
 */
export function withoutTrailing(text: string, character: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === character) end -= 1;
  return text.slice(0, end);
}
