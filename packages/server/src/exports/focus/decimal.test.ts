import { sameDecimal as equal, multiplyDecimals as multiply } from '@farthing/pricing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decimal, divide, fromInteger, leastCommonMultiple, print, roundToPicos } from './decimal.ts';

const number = fc
  .tuple(fc.bigInt(-(10n ** 20n), 10n ** 20n), fc.integer({ min: 0, max: 15 }))
  .map(([mantissa, scale]) => ({ mantissa, scale }));

test('a quotient that ends is exact, another is off by less than its last digit', () => {
  fc.assert(
    fc.property(number, fc.constantFrom(1, 2, 3, 7, 60, 1_000, 3_600, 1_000_000), (value, by) => {
      const quotient = divide(value, by);
      const back = multiply(quotient, fromInteger(by));
      if (equal(back, value)) return;
      expect(quotient.scale).toBeGreaterThanOrEqual(18);
      const scale = back.scale;
      const off = back.mantissa - value.mantissa * 10n ** BigInt(scale - value.scale);
      expect((off < 0n ? -off : off) * 2n).toBeLessThanOrEqual(BigInt(by));
    }),
  );
  for (const by of [1, 2, 5, 8, 1_000, 1_000_000]) {
    fc.assert(fc.property(number, (value) => equal(multiply(divide(value, by), fromInteger(by)), value)));
  }
});

test.each([
  ['3.7', 3600, '0.001027777777777778'],
  ['3.6', 3600, '0.001'],
  ['1', 1_000_000, '0.000001'],
  ['-7', 60, '-0.116666666666666667'],
  ['0', 3600, '0'],
])('%s ÷ %d is %s', (value, by, expected) => {
  expect(print(divide(decimal(value), by))).toBe(expected);
});

test('amounts become picos half to even', () => {
  expect(['0.0000000000005', '0.0000000000015', '1.5'].map((one) => roundToPicos(decimal(one)))).toEqual([
    0n,
    2n,
    1_500_000_000_000n,
  ]);
});

test('a unit for two prices is one that both divide', () => {
  expect([
    leastCommonMultiple(1, 1_000_000),
    leastCommonMultiple(60, 3_600),
    leastCommonMultiple(4, 6),
  ]).toEqual([1_000_000, 3_600, 12]);
});
