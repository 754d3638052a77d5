/** The committed price facts, as the book holds them. */
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import type { PriceQuery, RateCard } from '../../packages/pricing/src/book/price-book.ts';
import { book } from '../../packages/pricing/src/generated/book.ts';
import { printUsd } from '../../packages/pricing/src/money/money.ts';
import { type RatingRequest, rate } from '../../packages/pricing/src/rating/rate.ts';
import { METERS, type Meter, type Quantities } from '../../packages/pricing/src/usage/meters.ts';
import { type OwnPrices, readOwnPrices } from '../../packages/server/src/price-book/compile/own.ts';
import { compare } from './tables/decide.ts';

const PRICES = fileURLToPath(new URL('../../prices', import.meta.url));
const CLOUDS = ['openai', 'anthropic', 'google', 'vertex', 'bedrock', 'azure', 'xai', 'mistral', 'deepseek'];
const at = (text: string) => Date.parse(text);
const ask = (query: Partial<PriceQuery> & Pick<PriceQuery, 'provider' | 'model'>) =>
  book.find({ at: at('2026-09-20T12:00:00Z'), tier: 'standard', speed: null, region: null, ...query });
const usd = (card: RateCard | null, meter: Meter) => card?.rates[meter]?.usd;

/** Free on purpose: what providers bill nothing for. */
const FREE = /moderation|:free$|embed|gemma|ocr|tts|labs-|experimental|codestral-mamba|exp/;

describe('our own prices', () => {
  let files: OwnPrices[];
  beforeAll(() => {
    files = readOwnPrices(PRICES);
  });

  test('name where each was read, with a day, and a page where it was checked', () => {
    const sources = files.flatMap((file) => [
      file.source,
      ...(file.cards ?? []).flatMap((card) => card.source ?? []),
      ...(file.derived ?? []).map((rule) => rule.source),
      ...(file.additions ?? []).flatMap((one) => one.source ?? []),
    ]);
    expect(sources.length).toBeGreaterThan(400);
    for (const source of sources.filter((one) => one.checked !== undefined))
      expect(source.url).toMatch(/^https:/);
    const cards = files.flatMap((file) => (file.cards ?? []).map((card) => card.source ?? file.source));
    for (const source of cards) expect(source.table).toBeDefined();
  });

  test('hold no zero by accident', () => {
    for (const file of files) {
      for (const { model, rates } of file.cards ?? []) {
        for (const [meter, one] of Object.entries(rates)) {
          const price = typeof one === 'string' ? one : one?.usd;
          if (compare(price ?? '0', '0') === 0) expect(`${model} ${meter}`).toMatch(FREE);
        }
      }
    }
  });
});

/** Every tier of the model of a standard card, at a time at which that card is in force. */
function tiersOf(card: RateCard): { readonly [tier: string]: RateCard | null } {
  const when = card.from === null ? at(card.to ?? '2026-09-20T12:00:00Z') - 1000 : at(card.from);
  const query = { provider: card.provider, model: card.model, at: when };
  return Object.fromEntries(
    (['batch', 'flex', 'priority'] as const).map((tier) => [tier, ask({ ...query, tier })]),
  );
}

describe('the book', () => {
  test('asks for a batch or flex at most, for priority at least, what a standard call costs', () => {
    let compared = 0;
    for (const card of book.cards()) {
      if (!CLOUDS.includes(card.provider) || card.tier !== 'standard' || card.speed === 'fast') continue;
      if (card.region !== null || card.timeOfDay !== undefined) continue;
      const { batch, flex, priority } = tiersOf(card);
      for (const [meter, one] of Object.entries(card.rates)) {
        if (METERS[meter as Meter].unit !== 'tokens') continue;
        for (const [tier, other] of Object.entries({ batch, flex, priority })) {
          const theirs = other?.model === card.model ? usd(other, meter as Meter) : undefined;
          if (theirs === undefined) continue;
          const order = compare(theirs, one.usd) * (tier === 'priority' ? 1 : -1);
          expect(order, `${card.provider}/${card.model} ${tier} ${meter}`).toBeGreaterThanOrEqual(0);
          compared++;
        }
      }
    }
    expect(compared).toBeGreaterThan(600);
  });

  test('asks more in a region and for a faster answer than elsewhere', () => {
    let compared = 0;
    for (const card of book.cards()) {
      if (!CLOUDS.includes(card.provider) || (card.region === null && card.speed === 'standard')) continue;
      const when = card.from === null ? at(card.to ?? '2026-09-20T12:00:00Z') - 1000 : at(card.from);
      const speed = card.region === null ? null : card.speed;
      const plain = ask({ provider: card.provider, model: card.model, at: when, tier: card.tier, speed });
      const base = usd(plain, 'input_uncached');
      if (base === undefined) continue;
      expect(compare(usd(card, 'input_uncached') ?? '0', base), `${card.provider}/${card.model}`).toBe(1);
      compared++;
    }
    expect(compared).toBeGreaterThan(80);
  });

  test.each([
    [
      'gpt-5.6-sol before its price was cut',
      { provider: 'openai', model: 'gpt-5.6-sol', at: at('2026-07-17T00:00:00Z') },
      '5',
      '30',
    ],
    ['gpt-5.6-sol after it', { provider: 'openai', model: 'gpt-5.6-sol' }, '4', '20'],
    ['a batch of it', { provider: 'openai', model: 'gpt-5.6-sol', tier: 'batch' }, '2', '10'],
    [
      'a priority call of it in the EU',
      { provider: 'openai', model: 'gpt-5.6-sol', tier: 'priority', region: 'eu' },
      '8.8',
      '44',
    ],
    [
      'Claude in the US alone',
      { provider: 'anthropic', model: 'claude-opus-5', region: 'us' },
      '5.5',
      '27.5',
    ],
    [
      'Claude fast, in the US alone',
      { provider: 'anthropic', model: 'claude-opus-5', speed: 'fast', region: 'us' },
      '11',
      '55',
    ],
    [
      'Claude on a regional Vertex endpoint',
      { provider: 'vertex', model: 'claude-opus-5@default', region: 'regional' },
      '5.5',
      '27.5',
    ],
    [
      'Claude on the global one',
      { provider: 'vertex', model: 'claude-opus-5@default', region: 'global' },
      '5',
      '25',
    ],
    ['Azure’s data zone', { provider: 'azure', model: 'gpt-5.4', region: 'eu' }, '2.75', '16.5'],
    [
      'Azure’s deep research, once priced as o4-mini',
      { provider: 'azure', model: 'o4-mini-deep-research' },
      '2',
      '8',
    ],
    ['the latest Mistral large', { provider: 'mistral', model: 'mistral-large-latest' }, '0.5', '1.5'],
    [
      'a retired Grok, served by its successor',
      { provider: 'xai', model: 'grok-4-fast-reasoning' },
      '1.25',
      '2.5',
    ],
    [
      'DeepSeek in its peak hours on a Monday',
      { provider: 'deepseek', model: 'deepseek-flash', at: at('2026-09-21T02:00:00Z') },
      '0.3',
      '1.2',
    ],
    [
      'DeepSeek in the same hours on a Sunday',
      { provider: 'deepseek', model: 'deepseek-flash', at: at('2026-09-20T02:00:00Z') },
      '0.15',
      '0.6',
    ],
    [
      'DeepSeek before its peak prices began',
      { provider: 'deepseek', model: 'deepseek-v4-flash', at: at('2026-08-10T02:00:00Z') },
      '0.14',
      '0.28',
    ],
    [
      'Gemini at its introductory price, in a batch',
      { provider: 'google', model: 'gemini-3.6-flash', tier: 'batch' },
      '0.375',
      '1.875',
    ],
    [
      'Claude on Bedrock in a batch',
      { provider: 'bedrock', model: 'eu.anthropic.claude-opus-5', tier: 'batch' },
      '2.75',
      '13.75',
    ],
  ] as const)('prices %s', (_what, query, input, output) => {
    const card = ask(query);
    expect([usd(card, 'input_uncached'), usd(card, 'output_text')]).toEqual([input, output]);
  });

  test('leaves unpriced what no source states, and does not let it take another price', () => {
    const request = {
      provider: 'openai',
      model: 'gpt-4o',
      operation: 'chat',
      at: at('2026-09-20T12:00:00Z'),
    } as const;
    const segments = [
      { model: null, contextTokens: 10, quantities: { input_uncached: 5, input_cache_read: 5 } },
    ];
    const charge = rate(book, { ...request, tier: 'batch', speed: null, region: null, segments });
    expect(charge.lines.map((line) => [line.meter, line.reason])).toEqual([
      ['input_uncached', undefined],
      ['input_cache_read', 'no_rate'],
    ]);
    expect(charge.totalPicos).toBeNull();
    expect(ask({ provider: 'openai', model: 'gpt-6-sol', tier: 'batch' })).toBeNull();
    expect(ask({ provider: 'openai', model: 'gpt-4o', tier: 'scale' })).toBeNull();
  });

  test('does not price a seller’s tiers by those of the maker', () => {
    expect(usd(ask({ provider: 'openai', model: 'o3', tier: 'flex' }), 'output_text')).toBe('4');
    expect(usd(ask({ provider: 'azure', model: 'gpt-5-nano', tier: 'standard' }), 'output_text')).toBe('0.4');
    expect(ask({ provider: 'azure', model: 'gpt-5-nano', tier: 'flex' })).toBeNull();
  });

  test('says where a tool fee was read, apart from the card it stands on', () => {
    const card = ask({ provider: 'xai', model: 'grok-4.6' });
    expect(card?.provenance.table).toBe('genai-prices');
    expect(card?.rates.web_searches).toMatchObject({ usd: '5', provenance: { table: 'docs.x.ai' } });
  });
});

describe('what used to stand unpriced', () => {
  const price = (
    provider: string,
    model: string,
    quantities: Quantities,
    rest: Partial<RatingRequest> = {},
  ) => {
    const segments = [{ model: null, quantities, contextTokens: quantities.input_uncached ?? 0 }];
    const when = at('2026-09-20T12:00:00Z');
    const asked = {
      provider,
      model,
      operation: 'chat',
      at: when,
      tier: 'standard',
      speed: null,
      region: null,
    } as const;
    const { totalPicos } = rate(book, { ...asked, segments, ...rest });
    return totalPicos === null ? null : printUsd(totalPicos);
  };

  test('guardrails cost what AWS asks per thousand units, on every model that has a price', () => {
    const units = {
      guardrail_content_units: 1000,
      guardrail_topic_units: 1000,
      guardrail_sensitive_units: 1000,
      guardrail_grounding_units: 1000,
    };
    expect(price('bedrock', 'amazon.nova-lite-v1:0', units)).toBe('0.5');
    for (const card of book.cards()) {
      if (card.provider !== 'bedrock' || Object.keys(card.rates).length === 0) continue;
      expect(card.rates.guardrail_content_units?.usd, `${card.model} ${card.tier}`).toBe('0.15');
    }
  });

  test('a model costs more in some regions of AWS, and what it costs elsewhere in all others', () => {
    const tokens = { input_uncached: 1_000_000 };
    const inRegion = (region: string | null) => price('bedrock', 'minimax.minimax-m2.5', tokens, { region });
    expect([null, 'us-east-1', 'eu-west-2', 'ap-south-1'].map(inRegion)).toEqual([
      '0.3',
      '0.3',
      '0.47',
      '0.36',
    ]);
  });

  test('reranking is billed by searches at Cohere, by tokens at Voyage', () => {
    expect(price('cohere', 'rerank-v3.5', { rerank_units: 1000 })).toBe('2');
    expect(price('voyageai', 'rerank-2.5', { input_uncached: 1_000_000 })).toBe('0.05');
    // The tables name two prices for it.
    expect(price('cohere', 'rerank-english-v2.0', { rerank_units: 1000 })).toBeNull();
  });

  test('a longer prompt to Qwen costs more from the very token on', () => {
    const qwen = (input_uncached: number) => price('alibaba', 'qwen3-max', { input_uncached });
    expect(qwen(32_000)).toBe('0.0384');
    expect(qwen(32_001)).toBe('0.0768024');
    expect(qwen(128_001)).toBe('0.384003');
  });

  test('Google Maps, pictures by size, and the name that a legacy model answers under', () => {
    expect(price('google', 'gemini-2.5-flash', { maps_searches: 1000 })).toBe('25');
    expect(price('google', 'gemini-3-flash-preview', { maps_searches: 1000 })).toBe('14');
    expect(price('openai', 'dall-e-3/hd/1024x1792', { images: 1 })).toBe('0.12');
    expect(price('openai', 'dall-e-3', { images: 1 })).toBeNull();
    expect(price('openai', 'davinci:2023-07-21-v2', { output_text: 1_000_000 })).toBe('2');
  });
});
