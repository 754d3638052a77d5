import { book } from '@farthing/pricing/book';
import { expect, test } from 'vitest';
import { readOwnCards } from '../import/read-cards.ts';
import { propose } from './price-changes.ts';

const AT = Date.parse('2026-11-22T00:00:00Z');
const SOURCE = { provenance: { table: 'own', version: 'test', date: '2026-11-22' }, from: null };
const query = { provider: 'openai', model: 'gpt-5.4', at: AT, tier: 'standard', speed: null } as const;
const installed = (region: string | null) => book.find({ ...query, region })?.rates.input_uncached?.usd ?? '';

const propositionOf = (...cards: readonly object[]) =>
  propose(
    book,
    [],
    {
      ...readOwnCards(
        cards.map((card) => ({ provider: 'openai', model: 'gpt-5.4', ...card })),
        SOURCE,
      ),
      table: null,
    },
    AT,
  );
/** Its rates as a table states them. */
const ratesOf = (region: string | null) =>
  Object.fromEntries(
    Object.entries(book.find({ ...query, region })?.rates ?? {}).map(
      ([meter, { provenance: _provenance, ...rate }]) => [meter, rate],
    ),
  );
const rates = (usd: string) => {
  const standard = ratesOf(null);
  return { ...standard, input_uncached: { ...standard['input_uncached'], usd } };
};

test('a card for any region names every regional price it takes the place of', () => {
  const { changes } = propositionOf({ rates: rates('2.4') });
  const input = changes.filter(({ meter }) => meter === 'input_uncached');
  expect(input.map(({ region, old_usd, new_usd }) => [region, old_usd, new_usd])).toEqual([
    [null, installed(null), '2.4'],
    ['regional', installed('eu'), '2.4'],
  ]);
  expect(input[1]?.message).toContain('any region');
});

test('a regional price that falls by more than half behind a card for any region needs a yes', () => {
  const { changes } = propositionOf({ rates: rates('1.3') });
  const problems = changes
    .filter(({ meter }) => meter === 'input_uncached')
    .map((one) => [one.region, one.problem]);
  expect(problems).toEqual([
    [null, null],
    ['regional', 'jump'],
  ]);
});

test('a table that states the region too keeps its price there, also where that one does not change', () => {
  const { changes, cards } = propositionOf(
    { rates: rates('2.4') },
    { region: 'regional', rates: ratesOf('eu') },
  );
  expect(cards.map(({ region }) => region)).toEqual([null, 'regional']);
  expect(changes.every(({ region }) => region === null)).toBe(true);
});

test('a region alone is no matter of the others', () => {
  const { changes, cards } = propositionOf({ region: 'regional', rates: rates('2.4') });
  expect(cards.length).toBe(1);
  expect(new Set(changes.map(({ region }) => region))).toEqual(new Set(['regional']));
});
