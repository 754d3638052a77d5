import { describe, expect, it } from 'vitest';
import { type ExtractHint, openStream } from '../extract.ts';
import { frame } from '../framing/aws-frames.fixture.ts';
import { mergeSegments } from '../usage/quantities.ts';
import type { ExtractedUsage, Json } from '../usage/usage.ts';

const encoder = new TextEncoder();
const MEGABYTE = 1_048_576;

/** Reads an answer as the network brings it. */
function read(text: string | Uint8Array, hint: ExtractHint, size = 65_536): ExtractedUsage {
  const bytes = typeof text === 'string' ? encoder.encode(text) : text;
  const stream = openStream(hint);
  for (let at = 0; at < bytes.length; at += size) stream.push(bytes.subarray(at, at + size));
  return stream.end('complete');
}

const openai = { provider: 'openai', surface: 'chat' };
const usage = { prompt_tokens: 10, completion_tokens: 4, total_tokens: 14 };
const counted = { input_uncached: 10, output_text: 4 };
const chunk = (rest: { [key: string]: Json }) => ({
  object: 'chat.completion.chunk',
  model: 'gpt-4o',
  ...rest,
});
const data = (event: Json) => `data: ${JSON.stringify(event)}\n\n`;
const codes = ({ anomalies }: ExtractedUsage) => anomalies.map(({ code }) => code);

describe('a large answer', () => {
  it('of vectors is read for its usage', () => {
    const vector = Array.from({ length: 1_536 }, (_, index) => Math.sin(index));
    const one = JSON.stringify({ object: 'embedding', embedding: vector });
    const body = `{"object":"list","data":[${Array.from({ length: 300 }, () => one).join()}],"model":"text-embedding-3-small","usage":{"prompt_tokens":10,"total_tokens":10}}`;
    expect(body.length).toBeGreaterThan(8 * MEGABYTE);
    const reading = read(body, { provider: 'openai', surface: 'embeddings' });
    expect(reading).toMatchObject({ source: 'reported', model: 'text-embedding-3-small', anomalies: [] });
    expect(mergeSegments(reading.segments)).toEqual({ input_uncached: 10 });
  });

  it('of an image keeps its usage, and so does an event that carries one', () => {
    const image = 'iVBORw0KGgo'.repeat(400_000);
    const body = {
      created: 1_763_000_000,
      data: [{ b64_json: image }],
      usage: { input_tokens: 10, output_tokens: 4 },
    };
    const hint = { provider: 'openai', surface: 'images' };
    expect(mergeSegments(read(JSON.stringify(body), hint).segments)).toMatchObject({ output_image: 4 });
    const event = {
      type: 'response.completed',
      response: {
        object: 'response',
        model: 'gpt-5',
        output: [{ type: 'image_generation_call', status: 'completed', result: image }],
        usage: { input_tokens: 10, output_tokens: 4, total_tokens: 14 },
      },
    };
    const streamed = read(`event: response.completed\n${data(event)}`, { provider: 'openai' }, 1_000);
    expect(mergeSegments(streamed.segments)).toMatchObject({ ...counted, images: 1 });
  });

  it('of many lists or a list of many objects is still read behind them, and says what may be missing', () => {
    const many = `{"object":"chat.completion","model":"gpt-4o","choices":[${'{},'.repeat(MEGABYTE)}{}],"usage":${JSON.stringify(usage)}}`;
    const reading = read(many, openai);
    expect(mergeSegments(reading.segments)).toEqual(counted);
    expect(codes(reading)).toEqual(['answer_cut']);
  });

  it('that is a list of events is read to its last', () => {
    const event = (tokens: number) =>
      JSON.stringify({
        candidates: [{ content: { parts: [{ inlineData: 'A'.repeat(30_000) }] } }],
        usageMetadata: { promptTokenCount: 9, candidatesTokenCount: tokens, totalTokenCount: 9 + tokens },
        modelVersion: 'gemini-2.5-flash',
      });
    const events = Array.from({ length: 100 }, (_, index) => event(index + 1));
    for (const text of [`[${events.join(',\n')}]`, events.join('\n')]) {
      const reading = read(text, { provider: 'google' });
      expect(mergeSegments(reading.segments)).toMatchObject({ output_text: 100 });
      expect(reading.anomalies).toEqual([]);
    }
  });

  it('on lines is read past a torn line', () => {
    const line = (rest: Json) => JSON.stringify({ model: 'llama3', ...(rest as { [key: string]: Json }) });
    const lines = [
      line({ message: { content: 'x'.repeat(70_000) }, done: false }),
      '{"model":"llama3","message":{"content":"torn',
      line({ done: true, prompt_eval_count: 9, eval_count: 4 }),
    ];
    const reading = read(lines.join('\n'), { provider: 'ollama' });
    expect(mergeSegments(reading.segments)).toEqual({ input_uncached: 9, output_text: 4 });
  });
});

describe('an event or message that is too long', () => {
  const end = data(chunk({ choices: [], usage }));

  it.each([
    ['a line that is no data', `:${'x'.repeat(3 * MEGABYTE)}\n`],
    ['a line of no field', `${'x'.repeat(3 * MEGABYTE)}\n`],
    ['an event without end', `${'data: x\n'.repeat(400_000)}\n`],
    ['an event that is no JSON', `data: ${'x'.repeat(3 * MEGABYTE)}\n\n`],
    ['an event of one long text', data(chunk({ choices: [{ delta: { content: 'x '.repeat(MEGABYTE) } }] }))],
    ['an event that is never closed', `data: ${'['.repeat(3 * MEGABYTE)}\n\n`],
    ['a line that ends with a return', `data: "${'x'.repeat(3 * MEGABYTE)}"\r\r`],
  ])('is passed over: %s', (_name, long) => {
    const stream = `${data(chunk({ choices: [{ delta: {} }] }))}${long}${'\n'.repeat(70_000)}${end}data: [DONE]\n\n`;
    for (const size of [10 * MEGABYTE, 65_536, 4_001]) {
      expect(mergeSegments(read(stream, openai, size).segments)).toEqual(counted);
    }
  });

  it('is passed over in binary streams', () => {
    const event = (name: string, body: Json) =>
      frame({ ':event-type': name, ':message-type': 'event' }, JSON.stringify(body));
    const frames = [
      event('messageStart', { role: 'assistant' }),
      event('contentBlockDelta', { delta: { text: 'x'.repeat(3 * MEGABYTE) } }),
      event('metadata', { usage: { inputTokens: 10, outputTokens: 4, totalTokens: 14 } }),
    ];
    const bytes = Uint8Array.from(frames.flatMap((one) => [...one]));
    const reading = read(bytes, { provider: 'bedrock' }, 1_000);
    expect(mergeSegments(reading.segments)).toEqual(counted);
    expect(codes(reading)).toEqual(['answer_cut']);
  });
});

describe('an answer that says nothing', () => {
  it.each([
    ['blanks', ' '],
    ['line breaks', '\n'],
    ['brackets', '['],
    ['braces', '{"a":'],
    ['empty objects', '{},'],
    ['chunks without content', '{"object":"chat.completion.chunk","choices":[]}\n'],
    ['quotes', '"'],
    ['backslashes', '\\'],
    ['events of no form', 'data: {}\n\n'],
    ['comments', ': wait\n\n'],
    ['zeros', '\0'],
  ])('costs no more than its length, however long: %s', (_name, piece) => {
    const text = piece.repeat(Math.ceil((8 * MEGABYTE) / piece.length));
    const before = process.memoryUsage();
    const outcome = (() => {
      try {
        return read(text, openai, 16_384).source;
      } catch (error) {
        return (error as { code?: string }).code;
      }
    })();
    expect(['none', 'unrecognised_body']).toContain(outcome);
    expect(process.memoryUsage().external - before.external).toBeLessThan(64 * MEGABYTE);
  });

  it('is no list of empty objects that costs a new reader for each', () => {
    const begun = process.cpuUsage();
    expect(read(`[${'{},'.repeat(8 * MEGABYTE)}{}]`, openai).source).toBe('none');
    const { user, system } = process.cpuUsage(begun);
    // A reader for each takes minutes.
    expect(user + system).toBeLessThan(10_000_000);
  });

  it('costs in proportion to its length', () => {
    const costOf = (length: number) => {
      const begun = process.cpuUsage();
      read(' '.repeat(length), openai, 1_024);
      const { user, system } = process.cpuUsage(begun);
      return user + system;
    };
    costOf(MEGABYTE);
    const ratios = [1, 2, 3].map(() => costOf(16 * MEGABYTE) / Math.max(1, costOf(4 * MEGABYTE)));
    expect(Math.min(...ratios)).toBeLessThan(10);
  });
});

describe('what a reading keeps', () => {
  it('is no usage object that is too large, while its counts are read', () => {
    const padded = { ...usage, more: Array.from({ length: 3_000 }, () => ({})) };
    const reading = read(
      JSON.stringify({ object: 'chat.completion', model: 'gpt-4o', usage: padded }),
      openai,
    );
    expect(mergeSegments(reading.segments)).toEqual(counted);
    expect([reading.rawUsage, codes(reading)]).toEqual([null, ['usage_too_large']]);
  });

  it('is no usage that nests deeper than it can be stored', () => {
    const text = `{"object":"chat.completion","model":"gpt-4o","usage":{"prompt_tokens":10,"completion_tokens":4,"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}}`;
    expect(read(text, openai)).toMatchObject({ rawUsage: null, source: 'reported' });
  });

  it('is no name that is too long', () => {
    const long = 'm'.repeat(300);
    const body = { object: 'chat.completion', model: long, id: long, usage };
    expect(read(JSON.stringify(body), openai)).toMatchObject({ model: null, responseId: null });
    const gemini = { candidates: [], usageMetadata: { promptTokenCount: 1, totalTokenCount: 1 } };
    const hint = { provider: 'google', requestModel: long };
    expect(read(JSON.stringify(gemini), hint).model).toBeNull();
  });
});
