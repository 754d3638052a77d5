import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { book, installedProviders } from '../generated/book.ts';
import { overrideBook, PriceOverrideError } from './overrides.ts';
import { stackBooks } from './stack-books.ts';

const options = {
  version: 'override@test',
  date: '2026-11-22',
  sha256: (text: string) => createHash('sha256').update(text).digest('hex'),
  known: installedProviders,
};
const query = {
  at: Date.parse('2026-11-01T12:00:00Z'),
  tier: 'standard',
  speed: null,
  region: null,
} as const;
const card = { provider: 'azure_openai', model: 'gpt-4o', rates: { input_uncached: '2', output_text: '8' } };

/** A model with a price of its own for a class of regions. */
const regional = { ...card, provider: 'openai', model: 'gpt-5.4' };

describe('price overrides', () => {
  test('apply to every name of the model, at its provider alone, and leave the rest to the installed book', () => {
    const stacked = stackBooks('stacked', [overrideBook([card], options), book]);
    const azure = stacked.find({ ...query, provider: 'azure', model: 'gpt-4o-2024-08-06' });
    expect(azure).toMatchObject({
      rates: { input_uncached: { usd: '2' } },
      provenance: { table: 'override' },
    });
    expect(stacked.find({ ...query, provider: 'openai', model: 'gpt-4o' })?.rates.input_uncached?.usd).toBe(
      '2.5',
    );
    expect(
      stacked.find({ ...query, provider: 'openai', model: 'gpt-5', tier: 'batch' })?.provenance.table,
    ).not.toBe('override');
    expect(stacked.card(azure?.id ?? '')).toBe(azure);
  });

  test('without a region hold in every region, also where the installed book asks more', () => {
    const stacked = stackBooks('stacked', [overrideBook([regional], options), book]);
    const asked = { ...query, provider: 'openai', model: regional.model };
    expect(book.find({ ...asked, region: 'eu' })?.region).toBe('regional');
    for (const region of [null, 'eu', 'us', 'nowhere']) {
      expect(stacked.find({ ...asked, region })?.rates.input_uncached?.usd).toBe('2');
    }
  });

  test('of a class of regions hold in all of them and nowhere else', () => {
    const everywhere = { ...regional, rates: { ...regional.rates, input_uncached: '1' } };
    const own = [everywhere, { ...regional, region: 'regional' }];
    const stacked = stackBooks('stacked', [overrideBook(own, options), book]);
    const usd = (region: string | null) =>
      stacked.find({ ...query, provider: 'openai', model: regional.model, region })?.rates.input_uncached
        ?.usd;
    expect(['eu', 'us', 'regional', 'nowhere', null].map(usd)).toEqual(['2', '2', '2', '1', '1']);
    const alone = stackBooks('stacked', [overrideBook([{ ...regional, region: 'regional' }], options), book]);
    const list = { ...query, provider: 'openai', model: regional.model };
    expect(alone.find(list)).toBe(book.find(list));
  });

  test('say where they were read, card by card, where that is known', () => {
    const other = { ...card, model: 'gpt-4o-mini' };
    const read = { table: 'contract', version: '7', date: '2026-10-01', url: 'https://acme.example/7' };
    const provenance = (position: number) => (position === 1 ? read : undefined);
    const own = overrideBook([card, other], { ...options, provenance });
    const sources = [...own.cards()].map((one) => [one.model, one.provenance.table]);
    expect(sources).toEqual([
      ['gpt-4o', 'override'],
      ['gpt-4o-mini', 'contract'],
    ]);
    expect(own.find({ ...query, provider: 'azure', model: 'gpt-4o-mini' })?.provenance).toEqual(read);
  });

  test('count in their dates only', () => {
    const dated = { ...card, from: '2026-11-02T00:00:00Z', to: '2026-12-01T00:00:00Z' };
    const own = overrideBook([dated], options);
    expect(own.find({ ...query, provider: 'azure', model: 'gpt-4o' })).toBeNull();
    const later = Date.parse('2026-11-15T00:00:00Z');
    expect(own.find({ ...query, at: later, provider: 'azure', model: 'gpt-4o' })).not.toBeNull();
  });

  test.each([
    [{ ...card, rates: { input_uncached: 2 } }, 'decimal text'],
    [{ ...card, rates: { input_uncached: '-2' } }, 'decimal text'],
    [{ ...card, rates: { input_uncached: '1e-6' } }, 'decimal text'],
    [{ ...card, rates: { holograms: '1' } }, 'not a meter'],
    [{ ...card, rates: {} }, 'at least one meter'],
    [{ ...card, tier: 'cheap' }, 'one of standard'],
    [{ ...card, from: 'yesterday' }, 'an instant'],
    [{ ...card, discount: '10%' }, 'not a field'],
    [{ ...card, rates: { input_uncached: { usd: '1', steps: [{ from: 0, usd: '2' }] } } }, 'steps'],
    ['gpt-4o', 'an object'],
  ])('refuse %j', (wrong, why) => {
    expect(() => overrideBook([card, wrong], options)).toThrow(PriceOverrideError);
    expect(() => overrideBook([card, wrong], options)).toThrow(why);
  });

  test('refuse what is not a list', () => {
    expect(() => overrideBook({ cards: [] }, options)).toThrow('list of cards');
  });
});
