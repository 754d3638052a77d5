import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { divideHalfEven, MoneyError, parseUsd, printUsd } from './money.ts';

const Exact = Decimal.clone({
  precision: 120,
  rounding: Decimal.ROUND_HALF_EVEN,
  toExpNeg: -200,
  toExpPos: 200,
});
const picos = fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n });

describe('money', () => {
  test('what is printed is read back as the same amount', () => {
    fc.assert(
      fc.property(picos, (amount) => {
        expect(parseUsd(printUsd(amount))).toBe(amount);
      }),
    );
  });

  test('prints the shortest exact decimal, never an exponent, as decimal.js does', () => {
    fc.assert(
      fc.property(picos, (amount) => {
        expect(printUsd(amount)).toBe(new Exact(amount.toString()).div('1e12').toString());
      }),
    );
    expect(printUsd(435_000_000n)).toBe('0.000435');
    expect(printUsd(1n)).toBe('0.000000000001');
    expect(printUsd(0n)).toBe('0');
    expect(printUsd(-1_500_000_000_000n)).toBe('-1.5');
  });

  test('rounds half to even exactly as decimal.js', () => {
    fc.assert(
      fc.property(picos, fc.bigInt({ min: 1n, max: 10n ** 20n }), (numerator, denominator) => {
        const oracle = new Exact(numerator.toString()).div(denominator.toString()).toDecimalPlaces(0);
        expect(divideHalfEven(numerator, denominator)).toBe(BigInt(oracle.toFixed(0)));
      }),
    );
    expect([5n, 7n, -5n, -7n].map((n) => divideHalfEven(n, 2n))).toEqual([2n, 4n, -2n, -4n]);
  });

  test('reads exponent form exactly', () => {
    expect(parseUsd('4.35e-4')).toBe(435_000_000n);
    expect(parseUsd('2.5E3')).toBe(2_500_000_000_000_000n);
    expect(parseUsd('.5')).toBe(500_000_000_000n);
    expect(parseUsd('1.000000000000000')).toBe(1_000_000_000_000n);
  });

  test('refuses more than 12 decimals unless asked to round', () => {
    expect(() => parseUsd('0.0000000000005')).toThrow(MoneyError);
    expect(parseUsd('0.0000000000005', { round: true })).toBe(0n);
    expect(parseUsd('0.0000000000015', { round: true })).toBe(2n);
  });

  test.each([
    '',
    ' ',
    'NaN',
    'Infinity',
    '1,000',
    '0x10',
    '1e999',
    '--1',
    '1.2.3',
    '$1',
    '٣',
    '9'.repeat(65),
    `1e30`,
  ])('refuses %j', (text) => {
    expect(() => parseUsd(text)).toThrow(MoneyError);
  });
});
