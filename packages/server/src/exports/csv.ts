/** Cells of CSV as RFC 4180 has them, and safe to open in a spreadsheet. */
import type { ColumnKind, TextForm } from './column.ts';

/** Characters that make a spreadsheet read text as a formula, also after spaces and in their full-width form. */
const FORMULA = /^'*\s*[=+\-@＝＋－＠]|^'*[\t\r\n]/u;
const NEEDS_QUOTES = /[",;\t\r\n]|^\s|\s$/;

/**
 * One cell. Numbers and times are printed as they are: a negative amount stays a number. A text that a spreadsheet would
 * calculate gets an apostrophe in front, unless it is asked for as it is; taking one apostrophe off such a text gives
 * back what was stored. Null is an empty cell, an empty text a quoted one.
 */
export function csvCell(value: string | null, kind: ColumnKind, text: TextForm): string {
  if (value === null) return '';
  if (kind !== 'text' && kind !== 'json') return value;
  const safe = text === 'safe' && FORMULA.test(value) ? `'${value}` : value;
  return safe === '' || NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
