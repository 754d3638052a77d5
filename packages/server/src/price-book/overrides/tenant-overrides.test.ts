import { book } from '@farthing/pricing/book';
import { expect, test } from 'vitest';
import { byPercent, type OverrideTerms, tenantBook } from './tenant-overrides.ts';

const query = {
  provider: 'openai',
  model: 'gpt-5.4',
  at: Date.parse('2026-11-22T00:00:00Z'),
  tier: 'standard',
  speed: null,
} as const;
const list = (region: string | null) => book.find({ ...query, region })?.rates ?? {};
/** The rates of the model in a region for a tenant with these terms. */
const agreed = (terms: OverrideTerms, region: string | null) => {
  const override = { id: '1', terms, provider: 'openai', model: 'gpt-5.4', tier: null };
  const always = { from: null, to: null, date: '2026-11-22' };
  return tenantBook(book, [{ ...override, ...always }]).find({ ...query, region })?.rates ?? {};
};
const input = { input_uncached: { usd: '2', per: 1_000_000 } };

test('a discount is one on the price of the region', () => {
  expect(list('eu').input_uncached?.usd).not.toBe(list(null).input_uncached?.usd);
  for (const region of [null, 'eu']) {
    const usd = list(region).input_uncached?.usd ?? '';
    expect(agreed({ kind: 'percent', percent: '-10' }, region).input_uncached?.usd).toBe(
      byPercent(usd, '-10'),
    );
  }
});

test('an agreed rate holds in every region, the other meters stay at the price of the region', () => {
  for (const region of [null, 'eu']) {
    const rates = agreed({ kind: 'rates', rates: input }, region);
    expect(rates.input_uncached?.usd).toBe('2');
    expect(rates.output_text).toEqual(list(region).output_text);
  }
});

test('a fixed rate holds in every region, and the other meters are free there too', () => {
  for (const region of [null, 'eu']) {
    const rates = agreed({ kind: 'fixed', rates: input }, region);
    expect([rates.input_uncached?.usd, rates.output_text?.usd]).toEqual(['2', '0']);
  }
});
