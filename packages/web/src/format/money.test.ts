import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatUsd, formatUsdExact } from './money.ts';

describe('formatUsd', () => {
  it.each([
    ['0', '$0.00'],
    ['0.000000000000', '$0.00'],
    ['1234.56', '$1,234.56'],
    ['0.000435', '$0.000435'],
    ['0.0099996', '$0.01'],
    ['0.009999', '$0.009999'],
    ['0.01', '$0.01'],
    ['0.000000000001', '$0.000000000001'],
    ['999999.995', '$1,000,000.00'],
    ['12400000', '$12.4M'],
    ['-3.5', '−$3.50'],
  ])('prints %s as %s', (decimal, text) => expect(formatUsd(decimal)).toBe(text));

  it('never prints $0.00 for something that cost', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 10n ** 24n), (picos) => {
        const text = picos.toString().padStart(13, '0');
        expect(formatUsd(`${text.slice(0, -12)}.${text.slice(-12)}`)).not.toBe('$0.00');
      }),
    );
  });

  it('refuses what is not a decimal', () => expect(() => formatUsd('1e-7')).toThrow(RangeError));
});

describe('formatUsdExact', () => {
  it.each([
    ['0.000435000001', '$0.000435000001'],
    ['1234.5', '$1,234.50'],
    ['2', '$2.00'],
  ])('keeps every digit of %s', (decimal, text) => expect(formatUsdExact(decimal)).toBe(text));
});
