import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPriceBook } from '../book/book.ts';
import type { BookData } from '../book/book-data.ts';
import { stackBooks } from '../book/stack-books.ts';
import { book } from '../generated/book.ts';
import { parseUsd, printUsd } from '../money/money.ts';
import { METERS, type Quantities } from '../usage/meters.ts';
import type { Json } from '../usage/usage.ts';
import { estimate } from './estimate.ts';
import { explain } from './explain.ts';
import { explanationText } from './explain-text.ts';
import { type RatingRequest, rate } from './rate.ts';

const Exact = Decimal.clone({ precision: 120, rounding: Decimal.ROUND_HALF_EVEN });
const count = fc.nat({ max: 3_000_000 });

function request(
  provider: string,
  model: string,
  quantities: Quantities,
  rest: Partial<RatingRequest> = {},
): RatingRequest {
  const at = Date.parse('2026-09-01T12:00:00Z');
  const segments = [{ model: null, quantities, contextTokens: quantities.input_uncached ?? 0 }];
  return {
    provider,
    model,
    operation: 'chat',
    at,
    tier: 'standard',
    speed: null,
    region: null,
    segments,
    ...rest,
  };
}

function testBook(cards: BookData['providers'][number]['models'][number]['cards']) {
  return createPriceBook({
    version: 'test',
    sources: [{ table: 'test', version: '1', date: '2026-01-01' }],
    providers: [{ id: 'acme', models: [{ id: 'm', match: { equals: 'm' }, cards }] }],
  });
}

describe('rate', () => {
  test('lines sum to the charge and equal decimal.js, for any quantities of any priced model', () => {
    const cards = [...book.cards()].filter((card) => card.rates.input_uncached && card.rates.output_text);
    const quantities = fc.record(
      {
        input_uncached: count,
        input_cache_read: count,
        input_cache_write_5m: count,
        output_text: count,
        output_reasoning: count,
        web_searches: fc.nat({ max: 50 }),
      },
      { requiredKeys: ['input_uncached'] },
    );
    fc.assert(
      fc.property(fc.constantFrom(...cards), quantities, (card, given) => {
        const charge = rate(book, request(card.provider, card.model, given as Quantities));
        let sum = 0n;
        for (const line of charge.lines) {
          if (line.rate === null || line.per === null || line.amountPicos === null) continue;
          const oracle = new Exact(line.quantity).mul(line.rate).mul('1e12').div(line.per).toDecimalPlaces(0);
          expect(line.amountPicos).toBe(BigInt(oracle.toFixed(0)));
          sum += line.amountPicos;
        }
        expect(charge.pricedSubtotalPicos).toBe(sum);
        expect(charge.inputPicos + charge.outputPicos + charge.otherPicos).toBe(sum);
        const unpriced = charge.lines.some((line) => line.amountPicos === null);
        if (unpriced) expect(charge.totalPicos).toBeNull();
        else if (charge.unpricedReason === null) expect(charge.totalPicos).toBe(sum);
      }),
    );
  });

  test('fractional seconds enter money by their decimal text', () => {
    const data = testBook([{ id: 'c', rates: { audio_seconds_in: { usd: '0.111', minimum: 10 } } }]);
    const charge = rate(data, request('acme', 'm', { audio_seconds_in: 12.3 }));
    expect(printUsd(charge.totalPicos ?? -1n)).toBe('0.00037925');
    const short = rate(data, request('acme', 'm', { audio_seconds_in: 0.5 }));
    expect(short.lines[0]).toMatchObject({ quantity: 0.5, billedQuantity: 10, amountPicos: 308_333_333n });
  });

  test('a quantity is billed in whole increments, from the minimum on, for any seconds', () => {
    const rates = { audio_seconds_in: { usd: '1', per: 1, minimum: 10, increment: 15 } };
    const data = testBook([{ id: 'c', rates }]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), (tenths) => {
        const seconds = tenths / 10;
        const [line] = rate(data, request('acme', 'm', { audio_seconds_in: seconds })).lines;
        const billed = line?.billedQuantity ?? line?.quantity ?? 0;
        expect(billed % 15).toBe(0);
        expect(billed).toBeGreaterThanOrEqual(Math.max(seconds, 10));
        expect(billed - 15).toBeLessThan(Math.max(seconds, 10));
        expect(line?.amountPicos).toBe(BigInt(billed) * 1_000_000_000_000n);
      }),
    );
    const whole = rate(data, request('acme', 'm', { audio_seconds_in: 30 })).lines[0];
    expect(whole?.billedQuantity).toBeUndefined();
  });

  test('bigger numbers than doubles hold are priced to the last pico', () => {
    const data = testBook([{ id: 'c', rates: { input_uncached: '0.3', output_text: { usd: '1', per: 3 } } }]);
    const quantity = Number.MAX_SAFE_INTEGER;
    const charge = rate(data, request('acme', 'm', { input_uncached: quantity, output_text: quantity }));
    const input = BigInt(quantity) * 300_000n;
    const output = (BigInt(quantity) * 1_000_000_000_000n) / 3n;
    expect([charge.inputPicos, charge.outputPicos]).toEqual([
      input,
      output + (BigInt(quantity) % 3n === 2n ? 1n : 0n),
    ]);
    expect(charge.totalPicos).toBe(charge.inputPicos + charge.outputPicos);
  });

  test('lines come in the order of meters, however the quantities are written', () => {
    const quantities = { output_text: 1, web_searches: 1, input_cache_read: 1, input_uncached: 1 };
    const meters = rate(book, request('openai', 'gpt-4o', quantities)).lines.map((line) => line.meter);
    expect(meters).toEqual(['input_uncached', 'input_cache_read', 'output_text', 'web_searches']);
    const unknown = rate(book, request('openai', 'no-such-model', quantities)).lines.map(
      (line) => line.meter,
    );
    expect(unknown).toEqual(meters);
  });

  test('an unknown model, provider or tier is unpriced, never zero', () => {
    const reason = (...args: Parameters<typeof request>) => {
      const charge = rate(book, request(...args));
      expect(charge.totalPicos).toBeNull();
      return charge.unpricedReason;
    };
    expect(reason('openai', 'no-such-model', { input_uncached: 1 })).toBe('unknown_model');
    expect(reason('openai', 'no-such-model', { input_uncached: 0 })).toBe('unknown_model');
    expect(reason('nobody', 'gpt-4o', { input_uncached: 1 })).toBe('unknown_provider');
    const noCards = testBook([{ id: 'c', rates: { input_uncached: '1' } }]);
    expect(rate(noCards, request('acme', 'm', { input_uncached: 1 }, { tier: 'flex' })).unpricedReason).toBe(
      'no_card_for_tier',
    );
    expect(rate(noCards, request('acme', 'm', { input_uncached: 1 }, { speed: 'fast' })).unpricedReason).toBe(
      'no_card_for_tier',
    );
    expect(rate(noCards, request('acme', 'm', { input_uncached: 1, web_searches: 1 }))).toMatchObject({
      totalPicos: null,
      pricedSubtotalPicos: 1_000_000n,
      unpricedReason: 'no_rate',
    });
  });

  test('a call without usage is unpriced, unless the provider cannot have billed it', () => {
    const none = { segments: [] };
    expect(rate(book, request('openai', 'gpt-4o', {}, none))).toMatchObject({
      totalPicos: null,
      unpricedReason: 'no_usage',
    });
    expect(rate(book, request('openai', 'gpt-4o', {}))).toMatchObject({
      totalPicos: null,
      unpricedReason: 'no_usage',
    });
    expect(rate(book, request('openai', 'gpt-4o', {}, { ...none, billed: false })).totalPicos).toBe(0n);
  });

  test('the count of the call alone is no usage', () => {
    const charge = rate(book, request('openai', 'gpt-4o', { requests: 1 }));
    expect(charge).toMatchObject({ totalPicos: null, unpricedReason: 'no_usage', lines: [] });
  });

  test('a price of zero is a price', () => {
    const free = testBook([{ id: 'c', rates: { input_uncached: '0' } }]);
    expect(rate(free, request('acme', 'm', { input_uncached: 5 }))).toMatchObject({
      totalPicos: 0n,
      lines: [{ rate: '0' }],
    });
  });

  test('D17: a one-hour cache write is never priced as a five-minute one or as plain input', () => {
    const base = { input_uncached: '3', output_text: '15' };
    const writes = { input_cache_write_1h: 100 };
    const price = (rates: object, quantities: Quantities) =>
      rate(testBook([{ id: 'c', rates: { ...base, ...rates } }]), request('acme', 'm', quantities));
    expect(price({ input_cache_write_5m: '3.75' }, writes)).toMatchObject({
      totalPicos: null,
      unpricedReason: 'no_rate',
    });
    expect(price({ input_cache_write: '3.75' }, writes).totalPicos).toBeNull();
    expect(price({ input_cache_write: '3.75', input_cache_write_1h: '6' }, writes).totalPicos).toBe(
      600_000_000n,
    );
    expect(price({}, writes).lines[0]).toMatchObject({ inheritedFrom: 'input_uncached' });
    expect(price({ input_cache_write_5m: '3.75' }, { input_cache_write: 100 }).lines[0]).toMatchObject({
      rate: '3.75',
      inheritedFrom: 'input_cache_write_5m',
    });
    expect(
      price({ input_cache_write: '3.75', input_cache_write_1h: '6' }, { input_cache_write_5m: 100 })
        .totalPicos,
    ).toBe(375_000_000n);
  });

  test('D12: the context tier reprices every meter, cache writes too, from the very token on', () => {
    const quantities = {
      input_uncached: 1000,
      input_cache_read: 1000,
      input_cache_write_5m: 1000,
      output_text: 1000,
    };
    const rated = (contextTokens: number) =>
      rate(
        book,
        request('anthropic', 'claude-sonnet-4-5', quantities, {
          segments: [{ model: null, quantities, contextTokens }],
        }),
      );
    expect(rated(200_000).lines.map((line) => line.rate)).toEqual(['3', '0.3', '3.75', '15']);
    expect(rated(200_001).lines.map((line) => [line.rate, line.step])).toEqual(
      ['6', '0.6', '7.5', '22.5'].map((usd) => [usd, 200_001]),
    );
  });

  test('marginal steps charge each part at its own price and round once', () => {
    const steps = [{ from: 101, usd: '1' }];
    const data = testBook([{ id: 'c', rates: { input_uncached: { usd: '2', steps, mode: 'marginal' } } }]);
    expect(rate(data, request('acme', 'm', { input_uncached: 150 })).totalPicos).toBe(250_000_000n);
    expect(rate(data, request('acme', 'm', { input_uncached: 100 })).totalPicos).toBe(200_000_000n);
  });

  test('each segment is priced at its own model', () => {
    const quantities = { input_uncached: 1_000_000 };
    const segments = [
      { model: null, quantities, contextTokens: 0 },
      { model: 'gpt-4o-mini', quantities, contextTokens: 0 },
    ];
    const charge = rate(book, request('openai', 'gpt-4o', {}, { segments }));
    expect(charge.lines.map((line) => [line.segment, line.rate])).toEqual([
      [0, '2.5'],
      [1, '0.15'],
    ]);
  });

  test('a fee per request counts once where the card has one, and is no billable thing where it has none', () => {
    const sonar = rate(book, request('perplexity', 'sonar', { input_uncached: 10 }));
    expect(sonar.lines.map((line) => [line.meter, line.quantity])).toEqual([
      ['input_uncached', 10],
      ['requests', 1],
    ]);
    expect(
      rate(book, request('openai', 'gpt-4o', { requests: 1, input_uncached: 1 })).totalPicos,
    ).not.toBeNull();
  });

  test('an hour window counts only inside its dates, on any day', () => {
    const at = (text: string) =>
      rate(book, request('deepseek', 'deepseek-v4-flash', { input_uncached: 1 }, { at: Date.parse(text) }))
        .lines[0]?.rate;
    const before = at('2026-08-10T12:00:00Z');
    expect(at('2026-08-10T02:00:00Z')).toBe(before);
    expect(at('2026-08-20T12:00:00Z')).toBe('0.22');
    expect(at('2026-08-20T02:00:00Z')).toBe('0.44');
    expect(at('2026-08-20T04:00:00Z')).toBe('0.22');
  });

  test('a price change applies from its first instant, not before', () => {
    const at = (text: string) =>
      rate(book, request('openai', 'gpt-5.6-sol', { input_uncached: 1 }, { at: Date.parse(text) })).lines[0]
        ?.rate;
    expect(at('2026-08-20T23:59:59.999Z')).toBe('5');
    expect(at('2026-08-21T00:00:00Z')).toBe('4');
  });

  test('what is no quantity throws instead of becoming money', () => {
    for (const bad of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => rate(book, request('openai', 'gpt-4o', { input_uncached: bad }))).toThrow(RangeError);
    }
  });
});

describe('around rate', () => {
  test('no call within the bounds costs more than its estimate', () => {
    fc.assert(
      fc.property(count, count, fc.double({ min: 0, max: 1, noNaN: true }), (input, output, share) => {
        const cached = Math.floor(input * share);
        const reasoning = Math.floor(output * share);
        const quantities = {
          input_uncached: input - cached,
          input_cache_write_5m: cached,
          output_text: output - reasoning,
          output_reasoning: reasoning,
        };
        const asked = request('anthropic', 'claude-sonnet-4-5', quantities, {
          segments: [{ model: null, quantities, contextTokens: input }],
        });
        const { segments: _, ...rest } = asked;
        const bound = estimate(book, {
          ...rest,
          inputTokens: input,
          outputTokens: output,
          mayWriteCache: true,
        });
        const spent = rate(book, asked).totalPicos ?? -1n;
        // Two lines may each round up by half a pico where the estimate has one.
        expect(spent).toBeLessThanOrEqual((bound.totalPicos ?? -1n) + 1n);
      }),
    );
    const { segments: _, ...unknown } = request('openai', 'no-such-model', {});
    expect(estimate(book, { ...unknown, inputTokens: 1, outputTokens: 1 }).totalPicos).toBeNull();
  });

  test('an override decides where it has a card, the installed book elsewhere', () => {
    const own = createPriceBook({
      version: 'own',
      sources: [{ table: 'override', version: '1', date: '2026-01-01' }],
      providers: [
        {
          id: 'openai',
          models: [
            {
              id: 'gpt-4o',
              match: { equals: 'gpt-4o' },
              cards: [{ id: 'x', rates: { input_uncached: '1' } }],
            },
          ],
        },
      ],
    });
    const stacked = stackBooks('both', [own, book]);
    expect(rate(stacked, request('openai', 'gpt-4o', { input_uncached: 1 })).lines[0]?.rate).toBe('1');
    expect(rate(stacked, request('openai', 'gpt-4o-mini', { input_uncached: 1 })).lines[0]?.rate).toBe(
      '0.15',
    );
    expect(stacked.lookup({ ...request('openai', 'gpt-4o', {}), tier: 'flex' }).reason).toBe(
      'no_card_for_tier',
    );
  });

  test('an explanation names every line’s card and the same total', () => {
    const asked = request('openai', 'gpt-4o', { input_uncached: 1_234, output_text: 1 });
    const charge = rate(book, asked);
    const explained = explain(book, asked, charge);
    expect(parseUsd(explained.total_usd ?? '')).toBe(charge.totalPicos);
    expect(explained.cards.map((card) => card.id)).toEqual([charge.lines[0]?.cardId]);
    const text = explanationText(explained);
    expect(text).toContain('1,234');
    expect(text).toContain(`total $${explained.total_usd}`);
    expect(text).toContain('genai-prices');
  });

  test('an explanation says of each rate where it was read, also on a card made of several sources', () => {
    const asked = request('openai', 'gpt-4o', { input_uncached: 1_000, code_sessions: 1 });
    const explained = explain(book, asked, rate(book, asked));
    const tables = explained.lines.map(({ meter, source }) => [meter, source?.table]);
    expect(tables).toEqual([
      ['input_uncached', 'genai-prices'],
      ['code_sessions', 'litellm'],
    ]);
    for (const { source } of explained.lines) expect(source?.url).toMatch(/^https:/);
    const text = explanationText(explained);
    expect(text).toMatch(/ {2}input, uncached: genai-prices \S+ of \S+, https:/);
    expect(text).toMatch(/ {2}code sessions: litellm \S+, https:/);
  });

  test('an explanation begins with what the provider reported, a very long one with its beginning', () => {
    const asked = request('openai', 'gpt-4o', { input_uncached: 10 });
    const charge = rate(book, asked);
    const text = (rawUsage: Json) =>
      explanationText(
        explain(book, asked, charge, {
          rawUsage,
          convention: 'openai.chat: cached is a subset of input',
          source: 'reported',
          reportedCost: { usd: '0.1', field: 'usage.cost' },
          anomalies: [{ code: 'total_mismatch', message: 'the total is 9' }],
        }),
      );
    expect(text({ prompt_tokens: 10 })).toContain('{"prompt_tokens":10}');
    expect(text({ prompt_tokens: 10 })).toMatch(
      /reported; openai\.chat.*\n.*\n.*total_mismatch: the total is 9/,
    );
    expect(text('x'.repeat(5000)).length).toBeLessThan(2000);
  });

  test('a rate that a meter inherits has the source of the meter it is inherited from', () => {
    const sources = ['a', 'b'].map((table) => ({ table, version: '1', date: '2026-01-01' }));
    const rates = { input_uncached: '1', output_text: { usd: '2', source: 1 } };
    const models = [{ id: 'm', match: { equals: 'm' }, cards: [{ id: 'c', rates }] }];
    const own = createPriceBook({ version: 'test', sources, providers: [{ id: 'acme', models }] });
    const asked = request('acme', 'm', { input_uncached: 1, output_reasoning: 1, web_searches: 1 });
    const explained = explain(own, asked, rate(own, asked));
    expect(explained.lines.map(({ source }) => source?.table ?? null)).toEqual(['a', 'b', null]);
  });

  test('every fallback leads to a meter of the same unit and side', () => {
    for (const { fallback = [], unit, direction } of Object.values(METERS)) {
      for (const meter of fallback) expect(METERS[meter]).toMatchObject({ unit, direction });
    }
  });
});
