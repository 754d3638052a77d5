/** Prices of `COST_PRICING_OVERRIDES`, laid over the installed book. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { overrideBook, type PriceBook, PriceOverrideError } from '@farthing/pricing';
import { installedProviders } from '@farthing/pricing/book';

/**
 * The book of the overrides, to be laid over the installed one; null where there are none. `setting` is JSON (it starts
 * with `[` or `{`) or the path of a file with such JSON. Throws a {@link PriceOverrideError} that says what is wrong; a
 * server does not start with half of its prices.
 *
 * @example overridesOf('./prices.json', new Date())?.version === 'override@3f2a…'
 */
export function overridesOf(setting: string | null, now: Date): PriceBook | null {
  if (setting === null) return null;
  const text = textOf(setting);
  const hash = sha256(text).slice(0, 8);
  return overrideBook(parse(text), {
    version: `override@${hash}`,
    date: now.toISOString().slice(0, 10),
    sha256,
    known: installedProviders,
  });
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
