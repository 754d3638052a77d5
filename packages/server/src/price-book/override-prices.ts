/** Prices of `COST_PRICING_OVERRIDES`, laid over the installed book. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { overrideBook, type PriceBook, PriceOverrideError, stackBooks } from '@farthing/pricing';
import { book, installedProviders } from '@farthing/pricing/book';

/**
 * The book that prices every tenant's calls: the installed one, or that with the overrides over it. `setting` is
 * JSON (it starts with `[` or `{`) or the path of a file with such JSON. Throws a {@link PriceOverrideError} that
 * says what is wrong; a server does not start with half of its prices.
 *
 * @example overriddenBook('./prices.json', new Date()).version === 'genai-prices@0.1.8+…+override@3f2a…'
 */
export function overriddenBook(setting: string | null, now: Date): PriceBook {
  if (setting === null) return book;
  const text = textOf(setting);
  const hash = sha256(text).slice(0, 8);
  const overrides = overrideBook(parse(text), {
    version: `override@${hash}`,
    date: now.toISOString().slice(0, 10),
    sha256,
    known: installedProviders,
  });
  return stackBooks(`${book.version}+${overrides.version}`, [overrides, book]);
}

function textOf(setting: string): string {
  if (/^\s*[[{]/.test(setting)) return setting;
  try {
    return readFileSync(setting, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new PriceOverrideError([`the file cannot be read: ${why}`]);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new PriceOverrideError([`is not JSON: ${why}`]);
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
