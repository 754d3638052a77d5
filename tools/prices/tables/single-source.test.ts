/** Figures that one table alone states: which of them are taken, and which are left. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createPriceBook } from '../../../packages/pricing/src/book/book.ts';
import { regionalCards } from './aws-regions.ts';
import { loneModels } from './lone-models.ts';
import type { Disagreement } from './reconcile.ts';

const folder = mkdtempSync(join(tmpdir(), 'farthing-single-'));
afterAll(() => rmSync(folder, { recursive: true }));

const PER_TOKEN = { input_cost_per_token: 1e-6, output_cost_per_token: 2e-6 };
const dearer = (input: number, output: number) => ({
  input_cost_per_token: input,
  output_cost_per_token: output,
});
const table = {
  'cohere/known': { litellm_provider: 'cohere', ...PER_TOKEN },
  'cohere/new': { litellm_provider: 'cohere', ...PER_TOKEN },
  'cohere/slip': { litellm_provider: 'cohere', ...dearer(1e-4, 2e-4) },
  'cohere/zero': { litellm_provider: 'cohere', ...dearer(0, 0) },
  'cohere/disputed': { litellm_provider: 'cohere', ...PER_TOKEN },
  'rerank-x': { litellm_provider: 'cohere', mode: 'rerank', input_cost_per_query: 0.002 },
  'dashscope/tiered': {
    litellm_provider: 'dashscope',
    tiered_pricing: [
      { ...dearer(1e-6, 2e-6), range: [0, 32000] },
      { ...dearer(3e-6, 6e-6), range: [32000, 128000] },
    ],
  },
  'm.one': dearer(1e-6, 4e-6),
  'bedrock/eu-west-2/m.one': dearer(1.5e-6, 6e-6),
  'bedrock/us-east-1/m.one': dearer(1e-6, 4e-6),
  'bedrock/eu-west-3/m.one': dearer(0.5e-6, 2e-6),
  'bedrock/us-gov-west-1/m.one': dearer(1e-6, 26e-6),
  'm.other': dearer(7e-6, 9e-6),
  'bedrock/eu-west-2/m.other': dearer(8e-6, 10e-6),
};
writeFileSync(join(folder, 'litellm-model-prices.json'), JSON.stringify(table));
mkdirSync(join(folder, 'portkey'));
const cents = (price: number) => ({ pricing_config: { pay_as_you_go: { request_token: { price } } } });
writeFileSync(
  join(folder, 'portkey/cohere.json'),
  JSON.stringify({ disputed: cents(0.0005), new: cents(0.0001), 'rerank-x': cents(0.2) }),
);

const model = (id: string, input: string, output: string) => ({
  id,
  match: { equals: id },
  cards: [
    { id: `card of ${id}`, rates: { input_uncached: input, input_cache_read: '0.1', output_text: output } },
  ],
});
const book = createPriceBook({
  version: 'test',
  sources: [{ table: 'test', version: '1', date: '2026-01-01' }],
  providers: [
    { id: 'cohere', models: [model('known', '5', '6')] },
    { id: 'bedrock', models: [model('m.one', '1', '4'), model('m.other', '1', '4')] },
  ],
});

describe('a model that one table alone knows', () => {
  test('is taken unless it is known, a slip, free or unknown, or disputed', () => {
    const told: Disagreement[] = [];
    const cards = loneModels('cohere', folder, book, told);
    expect(cards.map(({ model: name, rates }) => [name, rates])).toEqual([
      ['new', { input_uncached: '1', output_text: '2' }],
      ['rerank-x', { rerank_units: '2' }],
    ]);
    expect(told.map((one) => one.model)).toEqual(['disputed']);
    for (const { source } of cards) expect(source?.checked).toBeUndefined();
  });

  test('costs more from the token after the end of a step on', () => {
    const [card] = loneModels('alibaba', folder, book, []);
    expect(card?.rates.input_uncached).toEqual({ usd: '1', steps: [{ from: 32_001, usd: '3' }] });
  });
});

describe('the price of a region', () => {
  test('is taken where it is dearer by one factor than a general price that is ours, and its cache is unknown', () => {
    const told: Disagreement[] = [];
    const cards = regionalCards(folder, book, told);
    expect(cards).toMatchObject([
      {
        model: 'm.one',
        region: 'eu-west-2',
        rates: { input_uncached: '1.5', output_text: '6' },
        unpriced: ['input_cache_read'],
      },
    ]);
    expect(told.map(({ model: name, mode }) => `${name} ${mode}`)).toEqual([
      'm.one standard eu-west-3',
      'm.one standard us-gov-west-1',
      'm.other standard eu-west-2',
    ]);
  });
});
