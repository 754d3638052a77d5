import { describe, expect, it } from 'vitest';
import { countText, MAX_READ, PIECE_LENGTH } from './count.ts';
import { countingFor, loadEncoding, openTokenizer } from './tokenizer.ts';

describe('the effort of counting', () => {
  it.each([
    ['1 MB of one letter', 'a'.repeat(1_000_000)],
    ['1 MB of blanks', ' '.repeat(1_000_000)],
    ['1 MB of line breaks', '\n'.repeat(1_000_000)],
    ['1 MB of emoji', '🙂'.repeat(250_000)],
    ['1 MB of dashes', '-'.repeat(1_000_000)],
    ['as much of one letter as is read whole', 'a'.repeat(MAX_READ)],
    [
      '1 MB of letters without a word',
      Array.from({ length: 1_000_000 }, (_, at) => String.fromCharCode(97 + ((at * at * 7919) % 26))).join(
        '',
      ),
    ],
    ['words', 'a farthing is a quarter of a penny '.repeat(30_000)],
  ])('is bounded in calls and in the length of each: %s', (_name, text) => {
    const lengths: number[] = [];
    countText(text, (piece) => lengths.push(piece.length));
    expect(lengths.length).toBeLessThanOrEqual(513);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(PIECE_LENGTH);
  });

  it('does not change the count of a text that is read whole by more than a token a piece', async () => {
    const encode = await loadEncoding('o200k_base');
    const text =
      'Naïve estimates drift, while counted facts stay put ✓. Der Pfennig galt. 一文は銭の千分の一。 '.repeat(
        90,
      );
    expect(text.length).toBeLessThan(MAX_READ);
    const exact = encode(text);
    const { tokens, sampled } = countText(text, encode);
    expect(sampled).toBe(false);
    expect(Math.abs(tokens - exact)).toBeLessThanOrEqual(text.length / (PIECE_LENGTH / 2));
  });

  it('tells the count of a long text from samples within 2 %', async () => {
    const encode = await loadEncoding('o200k_base');
    const text = Array.from({ length: 30_000 }, (_, at) => `entry ${at * 7919}: paid a farthing`).join('\n');
    const { tokens, sampled } = countText(text, encode);
    expect(sampled).toBe(true);
    expect(Math.abs(tokens / encode(text) - 1)).toBeLessThan(0.02);
  });

  it('never cuts a surrogate pair', () => {
    const pieces: string[] = [];
    countText(`x${'🙂'.repeat(2_000)}`, (piece) => pieces.push(piece));
    expect(pieces.every((piece) => piece.isWellFormed())).toBe(true);
    expect(pieces.join('')).toBe(`x${'🙂'.repeat(2_000)}`);
  });
});

describe('the tokenizer of a model', () => {
  it.each([
    ['gpt-4', 'cl100k_base', true],
    ['gpt-4-turbo', 'cl100k_base', true],
    ['openai/gpt-3.5-turbo', 'cl100k_base', true],
    ['text-embedding-3-small', 'cl100k_base', true],
    ['gpt-4o-mini', 'o200k_base', true],
    ['gpt-4.1-nano', 'o200k_base', true],
    ['gpt-5.6-sol', 'o200k_base', true],
    ['o3-mini', 'o200k_base', true],
    ['chatgpt-4o-latest', 'o200k_base', true],
    ['ft:gpt-4o-mini:acme', 'o200k_base', true],
    ['claude-sonnet-4-5', 'o200k_base', false],
    ['us.anthropic.claude-3-haiku-20240307-v1:0', 'o200k_base', false],
    ['gemini-3-flash', 'o200k_base', false],
    ['unknown', 'o200k_base', false],
  ])('%s is counted with %s', (model, encoding, own) => {
    expect(countingFor(model)).toMatchObject({ encoding, own });
  });

  it('counts what OpenAI counts, and special tokens in a text as text', async () => {
    const tokenizer = await openTokenizer('gpt-4o');
    expect(tokenizer.count('tiktoken is great!').tokens).toBe(6);
    expect(tokenizer.count('<|endoftext|>').tokens).toBeGreaterThan(1);
    expect(tokenizer.name).toBe('gpt-tokenizer o200k_base');
  });

  it('says its factor for models of others, and rounds up', async () => {
    const tokenizer = await openTokenizer('claude-sonnet-4-5');
    expect(tokenizer.name).toBe('gpt-tokenizer o200k_base × 1.2');
    expect(tokenizer.count('tiktoken is great!').tokens).toBe(8);
  });
});
