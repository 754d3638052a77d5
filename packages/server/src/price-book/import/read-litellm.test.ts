import { expect, test } from 'vitest';
import { readLiteLlm } from './read-litellm.ts';

const source = { provenance: { table: 'litellm', version: 't', date: '2026-11-22' }, from: null };
const read = (entries: Record<string, Record<string, unknown>>) => readLiteLlm(entries, source);
const only = (entry: Record<string, unknown>, key = 'm') => {
  const { cards } = read({ [key]: { litellm_provider: 'openai', mode: 'chat', ...entry } });
  return cards.map(({ provider, model, tier, speed, region, rates, unpriced }) => ({
    ...{ provider, model, tier, speed, region, rates, unpriced },
  }));
};

test('each tier becomes a card of its own; what only the standard tier prices is unpriced in the others', () => {
  const cards = only({
    input_cost_per_token: 2.5e-6,
    output_cost_per_token: 1e-5,
    cache_read_input_token_cost: 1.25e-6,
    input_cost_per_token_batches: 1.25e-6,
    output_cost_per_token_batches: 5e-6,
    input_cost_per_token_priority: 4.25e-6,
    output_cost_per_token_priority: 1.7e-5,
    cache_read_input_token_cost_priority: 2.125e-6,
    input_cost_per_token_flex: 1e-6,
  });
  const rates = { input_uncached: '2.5', output_text: '10', input_cache_read: '1.25' };
  expect(cards.map(({ tier, rates, unpriced }) => ({ tier, rates, unpriced }))).toEqual([
    { tier: 'standard', rates, unpriced: null },
    { tier: 'batch', rates: { input_uncached: '1.25', output_text: '5' }, unpriced: ['input_cache_read'] },
    { tier: 'flex', rates: { input_uncached: '1' }, unpriced: ['output_text', 'input_cache_read'] },
    {
      tier: 'priority',
      rates: { input_uncached: '4.25', output_text: '17', input_cache_read: '2.125' },
      unpriced: null,
    },
  ]);
});

test.each([
  ['openai', 272, 272_000],
  ['gemini', 200, 200_001],
  ['anthropic', 128, 128_001],
])('long context of %s above %s thousand begins at %s tokens', (litellm_provider, thousands, from) => {
  const [card] = only({
    litellm_provider,
    input_cost_per_token: 1e-6,
    [`input_cost_per_token_above_${thousands}k_tokens`]: 2e-6,
  });
  expect(card?.rates).toEqual({ input_uncached: { usd: '1', steps: [{ from, usd: '2' }] } });
});

test('cache writes of both durations and their long context are told apart; a cache price of 0 is one not known', () => {
  const [card] = only({
    litellm_provider: 'anthropic',
    input_cost_per_token: 3e-6,
    cache_creation_input_token_cost: 3.75e-6,
    cache_creation_input_token_cost_above_1hr: 6e-6,
    cache_creation_input_token_cost_above_1hr_above_200k_tokens: 1.2e-5,
    cache_read_input_token_cost: 0,
  });
  expect(card?.rates).toEqual({
    input_uncached: '3',
    input_cache_write_5m: '3.75',
    input_cache_write_1h: { usd: '6', steps: [{ from: 200_001, usd: '12' }] },
  });
  expect(only({ input_cost_per_token: 1e-6, cache_creation_input_token_cost: 2e-6 })[0]?.rates).toEqual({
    input_uncached: '1',
    input_cache_write: '2',
  });
});

test.each([
  ['audio_transcription', { input_cost_per_second: 0.0001 }, { audio_seconds_in: '0.36' }],
  ['audio_speech', { input_cost_per_character: 1.5e-5 }, { characters_in: '15' }],
  ['image_generation', { output_cost_per_image: 0.04 }, { images: '40' }],
  [
    'ocr',
    { ocr_cost_per_page: 0.001, annotation_cost_per_page: 0.003 },
    { pages: '1', pages_annotated: '3' },
  ],
  ['rerank', { input_cost_per_query: 0.002 }, { rerank_units: '2' }],
  ['search', { input_cost_per_query: 0.005 }, { web_searches: '5' }],
  [
    'chat',
    { input_cost_per_token: 1e-6, input_cost_per_audio_token: 4e-5 },
    { input_uncached: '1', input_audio: '40' },
  ],
  [
    'chat',
    { input_cost_per_token: 1e-6, input_cost_per_request: 0.005 },
    { input_uncached: '1', requests: '5' },
  ],
  [
    'chat',
    {
      input_cost_per_token: 1e-6,
      code_interpreter_cost_per_session: 0.03,
      output_cost_per_image_token: 3e-5,
    },
    { input_uncached: '1', output_image: '30', code_sessions: '30' },
  ],
])('units of mode %s: %o', (mode, entry, rates) => {
  expect(only({ mode, ...entry })[0]?.rates).toEqual(rates);
});

test('ranges of context, multipliers, regions in names, and one search price for every context size', () => {
  const [tiered] = only({
    litellm_provider: 'dashscope',
    tiered_pricing: [
      { range: [0, 256_000], input_cost_per_token: 5e-8, output_cost_per_token: 4e-7 },
      { range: [256_000, 1_000_000], input_cost_per_token: 2.5e-7, output_cost_per_token: 2e-6 },
    ],
  });
  expect(tiered?.rates).toMatchObject({
    input_uncached: { usd: '0.05', steps: [{ from: 256_000, usd: '0.25' }] },
  });
  const cards = only({
    litellm_provider: 'anthropic',
    input_cost_per_token: 5e-6,
    provider_specific_entry: { us: 1.1, fast: 6 },
    search_context_cost_per_query: {
      search_context_size_low: 0.01,
      search_context_size_medium: 0.01,
      search_context_size_high: 0.01,
    },
  });
  expect(cards.map(({ speed, region, rates }) => [speed, region, rates])).toEqual([
    ['standard', null, { input_uncached: '5', web_searches: '10' }],
    ['standard', 'us', { input_uncached: '5.5', web_searches: '10' }],
    ['fast', null, { input_uncached: '30', web_searches: '10' }],
  ]);
  const azure = { litellm_provider: 'azure', input_cost_per_token: 1e-6 };
  expect(only(azure, 'azure/eu/gpt-4o')[0]).toMatchObject({
    provider: 'azure',
    model: 'gpt-4o',
    region: 'eu',
  });
  const bedrock = { litellm_provider: 'bedrock', input_cost_per_token: 1e-6 };
  expect(only(bedrock, 'bedrock/eu-west-1/meta.llama3')[0]).toMatchObject({
    ...{ provider: 'bedrock', model: 'meta.llama3', region: 'eu-west-1' },
  });
});

test('what is not read is listed with its reason, and free is not told from unknown', () => {
  const { cards, skipped } = read({
    pixels: { litellm_provider: 'openai', input_cost_per_pixel: 1e-8, input_cost_per_token: 1e-6 },
    video: { litellm_provider: 'openai', output_cost_per_video_per_second: 0.1 },
    search: {
      litellm_provider: 'openai',
      input_cost_per_token: 1e-6,
      search_context_cost_per_query: { low: 0.01, high: 0.05 },
    },
    nothing: { litellm_provider: 'openai', input_cost_per_token: 0, output_cost_per_token: 0 },
    '1024-x-1024/dall-e-3': { litellm_provider: 'openai', output_cost_per_image: 0.04 },
  });
  expect(cards.map((card) => card.model)).toEqual(['pixels', 'search']);
  expect(skipped.map(({ field, reason }) => `${field}: ${reason}`)).toEqual([
    'input_cost_per_pixel: pixels are not counted',
    'output_cost_per_video_per_second: seconds of video are not counted',
    'search_context_cost_per_query: the price depends on the size of the search context, which no response counts',
    '(prices of 0): free and unknown look the same',
    '(whole entry): priced by size or quality of an image, which no response counts',
  ]);
});

test('of two entries for one model the first counts, and the other is named where it differs', () => {
  const azure = (usd: number) => ({ litellm_provider: 'azure', input_cost_per_token: usd });
  const { cards, skipped } = read({
    'azure/a': azure(1e-6),
    'azure_ai/a': azure(2e-6),
    'azure/b': azure(1e-6),
  });
  expect(cards.map(({ model, rates }) => [model, rates['input_uncached']])).toEqual([
    ['a', '1'],
    ['b', '1'],
  ]);
  expect(skipped.map((one) => one.examples)).toEqual([['azure_ai/a']]);
});

test('an entry with a price that is none is set aside whole', () => {
  const { cards, unreadable } = read({
    a: { litellm_provider: 'openai', input_cost_per_token: 1e-6, output_cost_per_token_batches: -1 },
    b: { litellm_provider: 'openai', input_cost_per_token_above_200k_tokens: 'dear' },
  });
  expect(cards).toEqual([]);
  expect(unreadable.map(({ model, meter, problem }) => [model, meter, problem])).toEqual([
    ['a', 'output_text', 'negative'],
    ['b', 'input_uncached', 'not_a_number'],
  ]);
});
