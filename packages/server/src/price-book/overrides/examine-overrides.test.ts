import { expect, test } from 'vitest';
import { examineOverrides } from './examine-overrides.ts';

const now = new Date('2026-11-22T00:00:00Z');
const examine = (cards: readonly object[]) => examineOverrides(JSON.stringify(cards), now);

test('overrides that lower a known price are nothing odd', () => {
  const card = { provider: 'openai', model: 'gpt-4o', rates: { input_uncached: '2', output_text: '8' } };
  expect(examine([card])).toMatchObject({ cards: 1, unknown: [], outOfRange: [] });
  expect(examineOverrides(null, now)).toEqual({ version: null, cards: 0, unknown: [], outOfRange: [] });
});

test('models that the installed book does not know, and prices of another unit, are named', () => {
  const found = examine([
    { provider: 'openai', model: 'gtp-4o', rates: { input_uncached: '2' } },
    { provider: 'openai', model: 'gpt-4o', rates: { input_uncached: '0.0025', output_text: '10001' } },
  ]);
  expect(found.unknown).toEqual(['openai/gtp-4o']);
  expect(found.outOfRange).toEqual([
    'openai/gpt-4o input_uncached 0.0025: the installed price is 2.5 per 1000000',
    'openai/gpt-4o output_text 10001: more than 10000 USD per 1000000',
  ]);
});
