import { readFileSync } from 'node:fs';
import { calcPrice, waitForUpdate } from '@pydantic/genai-prices';
import { beforeAll, describe, expect, test } from 'vitest';
import { createPriceBook } from '../../packages/pricing/src/book/book.ts';
import { rate } from '../../packages/pricing/src/rating/rate.ts';
import { decimalText, type Repair } from '../../packages/server/src/price-book/compile/decimal-text.ts';
import { convertTable } from '../../packages/server/src/price-book/compile/genai.ts';
import { mergeOwnPrices, ownPricesSchema } from '../../packages/server/src/price-book/compile/own.ts';
import { BOOK_PATH, type Compiled, compileBook, SCHEMA_PATH, schemaText } from './compile.ts';

describe('the compiled price book', () => {
  let compiled: Compiled;
  beforeAll(async () => {
    compiled = await compileBook();
  });

  test('the committed book is what the compiler makes of the installed table (else run `npm run prices`)', () => {
    expect(readFileSync(BOOK_PATH, 'utf8') === compiled.module).toBe(true);
    expect(readFileSync(SCHEMA_PATH, 'utf8')).toBe(schemaText());
  });

  test('every card has an id of its own', () => {
    const ids = [...createPriceBook(compiled.data).cards()].map((card) => card.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('every token model of the table costs what the table’s own calculator says, below and above its thresholds', async () => {
    const table = (await waitForUpdate()) ?? [];
    const providers = convertTable(table, { repairs: [], free: [], unknown: [] });
    const book = createPriceBook({ ...compiled.data, providers });
    const timestamp = new Date('2026-09-10T12:00:00Z');
    let compared = 0;
    for (const provider of table) {
      for (const { id: model } of provider.models) {
        for (const [uncached, cached] of [
          [1000, 500],
          [300_000, 350_000],
        ] as const) {
          const theirs = calcPrice(
            { input_tokens: uncached + cached, cache_read_tokens: cached, output_tokens: 70 },
            model,
            { providerId: provider.id, timestamp },
          );
          const quantities = { input_uncached: uncached, input_cache_read: cached, output_text: 70 };
          const segments = [{ model: null, quantities, contextTokens: uncached + cached }];
          const at = timestamp.getTime();
          const ours = rate(book, {
            provider: provider.id,
            model,
            operation: 'chat',
            at,
            tier: 'standard',
            speed: null,
            region: null,
            segments,
          });
          // Unpriced is ours alone: the calculator counts a missing price as nothing.
          if (theirs === null || ours.totalPicos === null) continue;
          expect(Number(ours.totalPicos) / 1e12, `${provider.id}/${model}`).toBeCloseTo(
            theirs.total_price,
            9,
          );
          compared++;
        }
      }
    }
    expect(compared).toBeGreaterThan(2500);
  });
});

describe('the compiler', () => {
  const report = () => ({ repairs: [], free: [], unknown: [] });
  const provider = (prices: object) =>
    [
      { id: 'acme', name: 'Acme', api_pattern: '', models: [{ id: 'm', match: { equals: 'm' }, prices }] },
    ] as never;

  test('refuses a unit it does not know', () => {
    expect(() => convertTable(provider({ input_holograms: 1 }), report())).toThrow(/input_holograms/);
  });

  test('repairs binary noise, keeps repeating digits, refuses what is no price', () => {
    const repairs: Repair[] = [];
    expect(decimalText(0.18000000000000002, 'a', repairs)).toBe('0.18');
    expect(decimalText(1 / 12, 'b', repairs)).toBe('0.08333333333333333');
    expect(decimalText(1e-7, 'c', repairs)).toBe('0.0000001');
    expect(repairs.map((one) => one.where)).toEqual(['a', 'b']);
    expect(() => decimalText(Number.NaN, 'd', repairs)).toThrow();
    expect(() => decimalText(-1, 'd', repairs)).toThrow();
  });

  test('an empty price list is free only by name, else its price is unknown', () => {
    const told = report();
    expect(convertTable(provider({}), told)[0]?.models[0]?.cards[0]?.rates).toEqual({});
    expect(told.unknown).toEqual(['acme/m']);
  });

  test('our own files add cards before the table’s, rates to its cards, and dated aliases', () => {
    const file = ownPricesSchema.parse({
      provider: 'acme',
      source: { date: '2026-11-01' },
      aliases: [{ alias: 'latest', model: 'm', from: '2026-01-01T00:00:00Z' }],
      cards: [{ model: 'm', tier: 'batch', rates: { input_uncached: '0.5' } }],
      additions: [{ models: { starts_with: 'm' }, rates: { file_searches: '2.5' } }],
    });
    const sources = [{ table: 'genai-prices', version: '1', date: '2026-01-01' }];
    const providers = mergeOwnPrices(convertTable(provider({ input_mtok: 1 }), report()), [file], sources);
    const book = createPriceBook({ version: 't', sources, providers });
    const query = {
      provider: 'acme',
      model: 'latest',
      at: Date.parse('2026-05-01'),
      speed: null,
      region: null,
    } as const;
    expect(book.find({ ...query, tier: 'batch' })).toMatchObject({
      rates: { input_uncached: { usd: '0.5' }, file_searches: { usd: '2.5', per: 1000 } },
      provenance: { table: 'farthing', date: '2026-11-01' },
    });
    expect(book.find({ ...query, tier: 'standard' })?.rates.input_uncached?.usd).toBe('1');
    expect(
      ownPricesSchema.safeParse({
        provider: 'a',
        source: { date: '2026-11-01' },
        cards: [{ model: 'm', rates: { input_uncached: 0.5 } }],
      }).success,
    ).toBe(false);
    expect(
      ownPricesSchema.safeParse({
        provider: 'a',
        source: { date: '2026-11-01' },
        cards: [{ model: 'm', rates: { nonsense: '1' } }],
      }).success,
    ).toBe(false);
  });
});
