import type { ExtractedUsage, JsonObject } from '@farthing/pricing';
import { extractBody, openStream, readResponseLine } from '@farthing/pricing/extract';
import { describe, expect, it } from 'vitest';
import { openLineTokenEstimator } from './line-token-estimate.ts';
import { estimateTokens } from './token-estimate.ts';
import { countingFor, type Tokenizer, tokenizerWith } from './tokenizer.ts';

/** One token a word, so that a test can count by eye. */
const words = (model: string): Tokenizer =>
  tokenizerWith(countingFor(model), (text) => text.split(/\s+/).filter((word) => word !== '').length);

const NOTHING_SAID = { model: 'gpt-5', choices: [{ message: { content: 'one two three' } }] };
const silent = extractBody(NOTHING_SAID, { provider: 'openai', surface: 'chat' });
const answer = (body: unknown, share = 1) => ({ text: JSON.stringify(body), share });
const request = { messages: [{ role: 'user', content: 'how many words' }] };

function estimate(reading: ExtractedUsage, texts: Partial<Parameters<typeof estimateTokens>[1]> = {}) {
  return estimateTokens(
    reading,
    { request, answer: answer(NOTHING_SAID), cut: false, ...texts },
    words(reading.model ?? 'gpt-5'),
  );
}

describe('a reading without usage', () => {
  it('is estimated, both sides', () => {
    const usage = estimate(silent);
    expect(usage).toMatchObject({ source: 'estimated', rawUsage: null, model: 'gpt-5' });
    expect(usage.segments).toEqual([
      { model: null, quantities: { input_uncached: 10, output_text: 3 }, contextTokens: 10 },
    ]);
    expect(usage.anomalies).toEqual([
      {
        code: 'estimated_usage',
        message:
          '10 input and 3 output tokens are estimated with gpt-tokenizer o200k_base; reasoning that was not streamed is not in it',
      },
    ]);
  });

  it('follows from the kept part where the answer was longer', () => {
    const usage = estimate(silent, { answer: answer(NOTHING_SAID, 2.5) });
    expect(usage.segments[0]?.quantities.output_text).toBe(8);
    expect(usage.anomalies[0]?.message).toContain('long texts were read in samples');
  });

  it('names what cannot be in it', () => {
    const image = { type: 'image_url', image_url: { url: 'https://example.com/a.png' } };
    const usage = estimate(silent, {
      request: { messages: [{ role: 'user', content: [image] }], previous_response_id: 'r' },
    });
    expect(usage.anomalies[0]?.message).toMatch(/images or files \(1\) are not in it; the conversation/);
  });

  it('stays without usage where its input cannot be told: unknown is not zero', () => {
    expect(estimate(silent, { request: null })).toBe(silent);
  });

  it('stays without usage where nothing in a whole answer was said by a model', () => {
    expect(estimate(silent, { answer: { text: '<html>', share: 1 } })).toBe(silent);
  });

  it('counts its input where it was cut before a word', () => {
    const usage = estimate(silent, { answer: { text: '', share: 1 }, cut: true });
    expect(usage.segments[0]?.quantities).toEqual({ input_uncached: 10, output_text: 0 });
  });
});

describe('a reading with usage', () => {
  it('that is whole stays as reported', () => {
    const reported = extractBody(
      { ...NOTHING_SAID, usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } },
      { provider: 'openai' },
    );
    expect(estimate(reported)).toBe(reported);
  });

  it('of Anthropic that was cut keeps cache and input as reported, and output at least as reported', () => {
    const start = {
      type: 'message_start',
      message: {
        model: 'claude-sonnet-4-5',
        usage: { input_tokens: 7, cache_read_input_tokens: 90, output_tokens: 2 },
      },
    };
    const delta = { type: 'content_block_delta', delta: { type: 'text_delta', text: 'a b c d e' } };
    const stream = [start, delta].map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
    const extractor = openStream({ provider: 'anthropic' });
    extractor.push(stream);
    const cut = extractor.end('aborted');
    const usage = estimate(cut, { answer: { text: stream, share: 1 }, cut: true });
    expect(usage).toMatchObject({ source: 'partial', rawUsage: cut.rawUsage });
    // 5 words × 1.2.
    expect(usage.segments).toEqual([
      {
        model: null,
        quantities: { input_uncached: 7, input_cache_read: 90, output_text: 6 },
        contextTokens: 97,
      },
    ]);
    expect(estimate(cut, { answer: { text: '', share: 1 }, cut: true })).toBe(cut);
  });

  it('counted along the stream stands as far as it had come', () => {
    const chunk = {
      object: 'chat.completion.chunk',
      model: 'grok-4',
      choices: [{ delta: { content: 'many many words' } }],
      usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
    };
    const extractor = openStream({ provider: 'xai', surface: 'chat' });
    extractor.pushEvent(chunk);
    const cut = extractor.end('aborted');
    expect(cut.source).toBe('partial');
    expect(estimate(cut, { answer: answer(chunk), cut: true })).toBe(cut);
  });
});

describe('a recorded line', () => {
  const line: JsonObject = { provider: 'openai', surface: 'chat', format: 'json', body: NOTHING_SAID };
  const estimated = async (fields: JsonObject) =>
    (await openLineTokenEstimator())(fields, readResponseLine(fields, 0));

  it('is estimated where it holds its request', async () => {
    expect(await estimated({ ...line, request })).toMatchObject({
      source: 'estimated',
      segments: [{ quantities: { input_uncached: 10, output_text: 3 } }],
    });
  });

  it.each<[string, JsonObject]>([
    ['without its request', line],
    ['with a request reduced to its settings', { ...line, request: { model: 'gpt-5' } }],
    ['of an error', { ...line, request, status: 500, body: { error: { message: 'no' } } }],
    ['of an image', { ...line, request, surface: 'image', body: { data: [{ url: 'x' }] } }],
  ])('stays as it is %s', async (_name, fields) => {
    expect(await estimated(fields)).toMatchObject({ source: 'none', segments: [] });
  });
});
