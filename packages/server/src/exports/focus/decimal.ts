/** Exact decimals of any length, for quotients that must come out to the last digit. */
import { type Decimal, divideHalfEven, parseDecimal, printDecimal } from '@farthing/pricing';

export const ZERO: Decimal = { mantissa: 0n, scale: 0 };

export const decimal = (text: string): Decimal => parseDecimal(text);
export const fromPicos = (picos: bigint): Decimal => ({ mantissa: picos, scale: 12 });
export const fromInteger = (value: number): Decimal => ({ mantissa: BigInt(value), scale: 0 });

/** Digits after the point where a quotient has no end. */
const ENDLESS_SCALE = 18;

/** `value ÷ by`: exact where the quotient ends, else to {@link ENDLESS_SCALE} decimals. */
export function divide(value: Decimal, by: number): Decimal {
  const divisor = BigInt(by);
  // A divisor of 2^a × 5^b divides some power of ten: only those quotients end.
  let rest = divisor / greatestCommonDivisor(value.mantissa, divisor);
  let shift = 0;
  while (rest % 10n === 0n) [rest, shift] = [rest / 10n, shift + 1];
  for (const factor of [2n, 5n]) while (rest % factor === 0n) [rest, shift] = [rest / factor, shift + 1];
  if (rest === 1n) {
    return { mantissa: (value.mantissa * 10n ** BigInt(shift)) / divisor, scale: value.scale + shift };
  }
  const scale = Math.max(ENDLESS_SCALE, value.scale);
  return {
    mantissa: divideHalfEven(value.mantissa * 10n ** BigInt(scale - value.scale), divisor),
    scale,
  };
}

/** Picos of an amount, half to even. */
export function roundToPicos({ mantissa, scale }: Decimal): bigint {
  return scale <= 12
    ? mantissa * 10n ** BigInt(12 - scale)
    : divideHalfEven(mantissa, 10n ** BigInt(scale - 12));
}

export const print = printDecimal;

/** The smallest number that both divide. */
export function leastCommonMultiple(a: number, b: number): number {
  return Number((BigInt(a) * BigInt(b)) / greatestCommonDivisor(BigInt(a), BigInt(b)));
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [left, right] = [a < 0n ? -a : a, b];
  while (right !== 0n) [left, right] = [right, left % right];
  return left === 0n ? 1n : left;
}
