import { describe, expect, test } from 'vitest';
import { book } from '../generated/book.ts';
import { createPriceBook } from './book.ts';
import { BoundedMemo, compileRule } from './match-model.ts';
import { canonicalProvider } from './providers.ts';

const at = Date.parse('2026-09-01T12:00:00Z');
const query = (provider: string, model: string) =>
  ({ provider, model, at, tier: 'standard', speed: null, region: null }) as const;
const found = (provider: string, model: string) => {
  const card = book.find(query(provider, model));
  return card === null ? null : `${card.provider}/${card.model}`;
};

describe('model matching', () => {
  test.each([
    ['openai', 'GPT-4o-2024-08-06', 'openai/gpt-4o'],
    ['openai', 'openai/gpt-5', 'openai/gpt-5'],
    ['azure', 'gpt-4o', 'openai/gpt-4o'],
    ['gemini', 'models/gemini-2.5-pro', 'google/gemini-2.5-pro'],
    [
      'vertex_ai',
      'projects/p/locations/global/publishers/google/models/gemini-2.5-pro',
      'google/gemini-2.5-pro',
    ],
    [
      'aws.bedrock',
      'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
      'bedrock/regional.anthropic.claude-sonnet-4-5-20250929-v1:0',
    ],
    [
      'bedrock',
      'global.anthropic.claude-sonnet-4-5-20250929-v1:0',
      'bedrock/global.anthropic.claude-sonnet-4-5-20250929-v1:0',
    ],
    [
      'bedrock',
      'arn:aws:bedrock:us-east-1:123456789012:inference-profile/global.anthropic.claude-sonnet-4-5-20250929-v1:0',
      'bedrock/global.anthropic.claude-sonnet-4-5-20250929-v1:0',
    ],
    ['openrouter', 'openai/gpt-5', 'openrouter/openai/gpt-5'],
  ])('%s %s is %s', (provider, model, expected) => {
    expect(found(provider, model)).toBe(expected);
    expect(found(provider, model)).toBe(expected);
  });

  test.each([
    ['openai', 'claude-sonnet-4-5'],
    ['anthropic', 'gpt-4o'],
    ['openai', 'mistral/gpt-4o-nope'],
    ['openai', ''],
    ['openai', 'gpt-4o'.repeat(100)],
    ['openai', '__proto__'],
  ])('%s does not guess a price for %j', (provider, model) => {
    expect(found(provider, model)).toBeNull();
  });

  test('regional and global endpoints keep their own prices', () => {
    const price = (model: string) => book.find(query('bedrock', model))?.rates.input_uncached?.usd;
    expect(price('us.anthropic.claude-sonnet-4-5-20250929-v1:0')).toBe('3.3');
    expect(price('global.anthropic.claude-sonnet-4-5-20250929-v1:0')).toBe('3');
  });

  test('an alias stands for what it stood for on that day, cached or not', () => {
    const model = (id: string, usd: string) =>
      ({ id, match: { equals: id }, cards: [{ id, rates: { input_uncached: usd } }] }) as const;
    const dated = createPriceBook({
      version: 'test',
      sources: [{ table: 'test', version: '1', date: '2026-01-01' }],
      providers: [
        {
          id: 'acme',
          aliases: [
            { alias: 'latest', model: 'one', to: '2026-01-01T00:00:00Z' },
            { alias: 'latest', model: 'two', from: '2026-01-01T00:00:00Z' },
          ],
          models: [model('one', '1'), model('two', '2')],
        },
      ],
    });
    const on = (day: string) => dated.find({ ...query('acme', 'Latest'), at: Date.parse(day) })?.model;
    expect(['2025-12-31', '2026-01-01', '2025-12-31'].map(on)).toEqual(['one', 'two', 'one']);
  });

  test('a card of the region wins over one for any region, and hours may cross midnight', () => {
    const dated = createPriceBook({
      version: 'test',
      sources: [{ table: 'test', version: '1', date: '2026-01-01' }],
      providers: [
        {
          id: 'acme',
          models: [
            {
              id: 'm',
              match: { equals: 'm' },
              cards: [
                {
                  id: 'night',
                  timeOfDay: { start: '22:00:00', end: '02:00:00' },
                  rates: { input_uncached: '1' },
                },
                { id: 'any', rates: { input_uncached: '2' } },
                { id: 'us', region: 'us', rates: { input_uncached: '3' } },
              ],
            },
          ],
        },
      ],
    });
    const id = (hour: string, region: string | null) =>
      dated.find({ ...query('acme', 'm'), region, at: Date.parse(`2026-05-05T${hour}Z`) })?.id;
    expect([id('21:59:59', null), id('22:00:00', null), id('01:59:59', null), id('02:00:00', null)]).toEqual([
      'any',
      'night',
      'night',
      'any',
    ]);
    expect([id('12:00:00', 'us'), id('12:00:00', 'eu')]).toEqual(['us', 'any']);
  });

  test('rules ignore case and combine', () => {
    const rule = compileRule({
      and: [{ starts_with: 'GPT' }, { or: [{ ends_with: '-mini' }, { regex: '^gpt-[45]$' }] }],
    });
    expect(['gpt-x-mini', 'gpt-5', 'gpt-6', 'a-mini'].map(rule)).toEqual([true, true, false, false]);
  });

  test('the memory of names stays bounded', () => {
    const memo = new BoundedMemo<number>(3);
    for (let i = 0; i < 100; i++) memo.set(`name ${i}`, i);
    expect(memo.size).toBe(3);
    expect([memo.get('name 99'), memo.get('name 0')]).toEqual([99, undefined]);
  });

  test('spellings of a provider come to one id', () => {
    expect(
      ['aws', 'x-ai', ' Gemini', 'gcp.vertex_ai', 'az.ai.openai', 'acme'].map(canonicalProvider),
    ).toEqual(['bedrock', 'xai', 'google', 'vertex', 'azure', 'acme']);
  });
});
