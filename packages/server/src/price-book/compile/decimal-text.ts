/** Numbers of a price table as exact decimal text. */
import { parseDecimal, printDecimal } from '@farthing/pricing';

/** A number that did not look like a price a human wrote. */
export interface Repair {
  readonly where: string;
  readonly read: string;
  readonly written: string;
}

/** Text that a table has instead of a price. */
export class NotAPriceError extends Error {
  override readonly name = 'NotAPriceError';
  readonly where: string;
  readonly value: unknown;
  constructor(where: string, value: unknown) {
    super(`${where}: ${String(value)} is not a price`);
    this.where = where;
    this.value = value;
  }
}

const NOISE_DIGITS = 15;
const PLAUSIBLE_DIGITS = 10;

/**
 * The decimal text of a table's number. Binary noise (0.18000000000000002) is repaired where the nearest short
 * decimal is within 10⁻¹² of it; a number without a short decimal (a repeating 1/12) keeps all its digits.
 * Both are reported. Refuses negatives and non-numbers.
 */
export function decimalText(value: number, where: string, repairs: Repair[]): string {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0)
    throw new NotAPriceError(where, value);
  const exact = printDecimal(parseDecimal(String(value)));
  if (significantDigits(exact) < NOISE_DIGITS) return exact;
  const short = printDecimal(parseDecimal(value.toPrecision(12)));
  const written = significantDigits(short) <= PLAUSIBLE_DIGITS ? short : exact;
  repairs.push({ where, read: exact, written });
  return written;
}

function significantDigits(text: string): number {
  return text.replace('.', '').replace(/^0+/, '').length;
}
