import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnDecimals, formatUsd, formatUsdExact, formatUsdIn } from './money.ts';

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

describe('a column', () => {
  const column = (...amounts: string[]) =>
    amounts.map((amount) => formatUsdIn(amount, columnDecimals(amounts)));

  it.each([
    [
      ['0.04', '0.0006965'],
      ['$0.04000', '$0.00070'],
    ],
    [
      ['12.5', '0.31', '4'],
      ['$12.50', '$0.31', '$4.00'],
    ],
    [
      ['0.0123', '0.0345'],
      ['$0.01', '$0.03'],
    ],
    [
      ['0', '0'],
      ['$0.00', '$0.00'],
    ],
    [
      ['0', '0.0042'],
      ['$0.0000', '$0.0042'],
    ],
    [
      ['0.04', '0.00000026'],
      ['$0.040000', '<$0.000001'],
    ],
    [
      ['1.5', '0.00000026'],
      ['$1.5000', '<$0.0001'],
    ],
    [
      ['99.5', '0.0006965'],
      ['$99.5000', '$0.0007'],
    ],
    [
      ['100', '0.0006965'],
      ['$100.00', '<$0.01'],
    ],
    [
      ['1234.56', '0.0006965'],
      ['$1,234.56', '<$0.01'],
    ],
    [
      ['12400000', '0.0006965'],
      ['$12.4M', '<$0.01'],
    ],
    [
      ['-0.04', '-0.00000026'],
      ['−$0.040000', '−<$0.000001'],
    ],
  ])('of %j is printed as %j', (amounts, texts) => expect(column(...amounts)).toEqual(texts));

  it('has two decimals where it has no amount', () => {
    expect([columnDecimals([]), columnDecimals([null, '0'])]).toEqual([2, 2]);
  });

  it('has the same number of decimals in every row, and zero for nothing that cost', () => {
    const amount = fc.bigInt(0n, 9_999_999n * 10n ** 12n).map((picos) => {
      const text = picos.toString().padStart(13, '0');
      return `${text.slice(0, -12)}.${text.slice(-12)}`;
    });
    fc.assert(
      fc.property(fc.array(amount, { minLength: 1, maxLength: 12 }), (amounts) => {
        const texts = column(...amounts);
        expect(new Set(texts.map((text) => text.split('.')[1]?.length)).size).toBe(1);
        for (const [place, text] of texts.entries())
          expect(/[1-9]/.test(text)).toBe(/[1-9]/.test(amounts[place] ?? ''));
      }),
    );
  });
});

describe('formatUsdExact', () => {
  it.each([
    ['0.000435000001', '$0.000435000001'],
    ['1234.5', '$1,234.50'],
    ['2', '$2.00'],
  ])('keeps every digit of %s', (decimal, text) => expect(formatUsdExact(decimal)).toBe(text));
});
