/**
 * Money: amounts are `bigint` picodollars ("picos", 1 USD = 10¹²), text at the edges, never a float.
 */
import { withoutTrailing } from '../text/without-trailing.ts';

/** Picodollars in one US dollar. */
export const PICOS_PER_USD = 1_000_000_000_000n;

const SCALE = 12;
/** Bound on the digits of an amount before and after the point; longer texts are refused unread. */
const MAX_TEXT = 64;
/** `numeric(38,12)` keeps 26 digits before the point. */
const MAX_PICOS = 10n ** 38n - 1n;
const DECIMAL = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$|^([+-]?)\.(\d+)(?:[eE]([+-]?\d{1,4}))?$/;

/** A text that is no amount, or one that does not fit. */
export class MoneyError extends Error {
  override readonly name = 'MoneyError';
}

/** An exact decimal: `mantissa × 10^-scale`. */
export interface Decimal {
  readonly mantissa: bigint;
  readonly scale: number;
}

/**
 * Reads decimal text exactly, in plain (`"0.000435"`, `".5"`) or exponent form (`"4.35e-4"`).
 * Refuses anything else: empty text, `NaN`, `Infinity`, grouping, more than 64 characters, exponents beyond ±100.
 */
export function parseDecimal(text: string): Decimal {
  if (text.length > MAX_TEXT)
    throw new MoneyError(`"${text.slice(0, 20)}…" is too long for a decimal number`);
  const match = DECIMAL.exec(text);
  if (match === null) {
    throw new MoneyError(`"${text}" is not a decimal number; write it like "0.000435"`);
  }
  const sign = match[1] ?? match[5] ?? '';
  const whole = match[2] ?? '0';
  const fraction = match[3] ?? match[6] ?? '';
  const exponent = Number(match[4] ?? match[7] ?? '0');
  if (exponent > 100 || exponent < -100) throw new MoneyError(`"${text}" has an exponent beyond ±100`);
  const digits = BigInt(whole + fraction);
  const mantissa = sign === '-' ? -digits : digits;
  const scale = fraction.length - exponent;
  return scale < 0 ? { mantissa: mantissa * 10n ** BigInt(-scale), scale: 0 } : { mantissa, scale };
}

/**
 * **The only rounding in the product**: `numerator ÷ denominator` to a whole number, ties to even.
 * The denominator must be positive.
 *
 * @example divideHalfEven(5n, 2n) === 2n; divideHalfEven(7n, 2n) === 4n
 */
export function divideHalfEven(numerator: bigint, denominator: bigint): bigint {
  if (denominator <= 0n) throw new MoneyError('cannot divide by zero or a negative number');
  const quotient = numerator / denominator;
  const rest = numerator - quotient * denominator;
  if (rest === 0n) return quotient;
  const twice = rest < 0n ? -2n * rest : 2n * rest;
  if (twice < denominator || (twice === denominator && quotient % 2n === 0n)) return quotient;
  return numerator < 0n ? quotient - 1n : quotient + 1n;
}

/**
 * Reads USD text into picos. More than 12 decimals are refused, unless `round` asks for half-even rounding.
 *
 * @example parseUsd('0.000435') === 435_000_000n; parseUsd('4.35e-4') === 435_000_000n
 */
export function parseUsd(text: string, options: { readonly round?: boolean } = {}): bigint {
  const { mantissa, scale } = parseDecimal(text);
  let picos: bigint;
  if (scale <= SCALE) {
    picos = mantissa * 10n ** BigInt(SCALE - scale);
  } else {
    const divisor = 10n ** BigInt(scale - SCALE);
    if (mantissa % divisor !== 0n && options.round !== true) {
      throw new MoneyError(`"${text}" has more than 12 decimals; amounts are kept to 10⁻¹² USD`);
    }
    picos = divideHalfEven(mantissa, divisor);
  }
  if (picos > MAX_PICOS || picos < -MAX_PICOS) throw new MoneyError(`"${text}" is beyond the largest amount`);
  return picos;
}

/**
 * Prints picos as the shortest exact decimal: no exponent, no trailing zeros.
 *
 * @example printUsd(435_000_000n) === '0.000435'; printUsd(2_000_000_000_000n) === '2'
 */
export function printUsd(picos: bigint): string {
  return printDecimal({ mantissa: picos, scale: SCALE });
}

/** Prints any exact decimal in its shortest plain form. */
export function printDecimal({ mantissa, scale }: Decimal): string {
  const negative = mantissa < 0n;
  const digits = (negative ? -mantissa : mantissa).toString().padStart(scale + 1, '0');
  const whole = scale === 0 ? digits : digits.slice(0, -scale);
  const fraction = scale === 0 ? '' : withoutTrailing(digits.slice(-scale), '0');
  const text = fraction === '' ? whole : `${whole}.${fraction}`;
  return negative && mantissa !== 0n ? `-${text}` : text;
}
