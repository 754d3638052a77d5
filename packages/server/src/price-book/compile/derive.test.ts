import { parseDecimal, printDecimal } from '@farthing/pricing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deriveCards, multiplyDecimalTexts } from './derive.ts';
import type { OwnDerived } from './own-schema.ts';

const base = {
  id: 'x',
  from: '2026-01-01T00:00:00Z',
  rates: {
    input_uncached: { usd: '1.25', steps: [{ from: 200_001, usd: '2.5' }] },
    input_cache_read: '0.125',
    web_searches: '10',
  },
};
const rule: OwnDerived = {
  models: { equals: 'm' },
  times: '0.5',
  tier: 'batch',
  source: { date: '2026-11-01' },
};

test('a rule multiplies token prices and steps exactly, keeps fees, and names what it leaves open', () => {
  expect(deriveCards([base], { ...rule, unpriced: ['input_cache_read'] }, 3)).toEqual([
    {
      from: '2026-01-01T00:00:00Z',
      tier: 'batch',
      rates: {
        input_uncached: { usd: '0.625', steps: [{ from: 200_001, usd: '1.25' }] },
        web_searches: '10',
      },
      unpriced: ['input_cache_read'],
      source: 3,
    },
  ]);
});

test('a rule makes nothing where an explicit card stands, nor outside its dates', () => {
  expect(deriveCards([base, { id: 'y', tier: 'batch', rates: {} }], rule, 0)).toEqual([]);
  expect(deriveCards([base], { ...rule, to: '2025-12-31T00:00:00Z' }, 0)).toEqual([]);
  const [cut] = deriveCards([base], { ...rule, from: '2026-02-01T00:00:00Z', to: '2026-03-01T00:00:00Z' }, 0);
  expect(cut).toMatchObject({ from: '2026-02-01T00:00:00Z', to: '2026-03-01T00:00:00Z' });
});

test('a rule that stacks applies to every tier, one that does not to standard calls alone', () => {
  const cards = [base, { id: 'y', tier: 'batch' as const, rates: { input_uncached: '1' } }];
  const region: OwnDerived = { models: rule.models, times: '1.1', region: 'us', source: rule.source };
  expect(deriveCards(cards, region, 0).map((card) => card.tier)).toEqual([undefined]);
  expect(deriveCards(cards, { ...region, stacks: true }, 0).map((card) => card.tier)).toEqual([
    undefined,
    'batch',
  ]);
});

test('the product of decimals is exact', () => {
  const decimal = fc
    .tuple(fc.bigInt(0n, 10n ** 12n), fc.integer({ min: 0, max: 9 }))
    .map(([mantissa, scale]) => printDecimal({ mantissa, scale }));
  fc.assert(
    fc.property(decimal, decimal, (a, b) => {
      const product = parseDecimal(multiplyDecimalTexts(a, b));
      const [left, right] = [parseDecimal(a), parseDecimal(b)];
      const scale = left.scale + right.scale;
      expect(product.mantissa * 10n ** BigInt(scale - product.scale)).toBe(left.mantissa * right.mantissa);
    }),
  );
});
