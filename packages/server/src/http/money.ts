/** Money as a JSON number with all its digits, for the routes whose clients expect numbers. */

/** The result of `JSON.rawJSON`: `JSON.stringify` prints the text it holds. */
export interface RawJson {
  readonly rawJSON: string;
}

// The method is part of Node since 21; TypeScript's library does not declare it yet.
const rawJson = (JSON as unknown as { rawJSON(text: string): RawJson }).rawJSON;

const DECIMAL = /^-?(0|[1-9]\d*)(\.\d+)?$/;

/**
 * A decimal text as a JSON number that keeps every digit; null stays null.
 *
 * @example JSON.stringify({ total_cost: exactNumber('0.000435') }) // {"total_cost":0.000435}
 */
export function exactNumber(decimal: string): RawJson;
export function exactNumber(decimal: string | null): RawJson | null;
export function exactNumber(decimal: string | null): RawJson | null {
  if (decimal === null) return null;
  if (!DECIMAL.test(decimal)) throw new TypeError(`not a plain decimal: ${decimal.slice(0, 40)}`);
  return rawJson(decimal);
}
