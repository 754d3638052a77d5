import { describe, expect, it } from 'vitest';
import { extractBody, openStream } from '../../extract.ts';
import { book } from '../../generated/book.ts';
import { rate } from '../../rating/rate.ts';
import { mergeSegments } from '../../usage/quantities.ts';
import type { ExtractedUsage, Json } from '../../usage/usage.ts';

const openai = { provider: 'openai' };
const used = (usage: ExtractedUsage) => mergeSegments(usage.segments);
const codes = (usage: ExtractedUsage) => usage.anomalies.map(({ code }) => code);

function session(events: readonly Json[], reason: 'complete' | 'aborted' = 'complete', provider = 'openai') {
  const reader = openStream({ provider, surface: 'realtime', requestModel: 'gpt-realtime' });
  for (const event of events) reader.pushEvent(event);
  return reader.end(reason);
}

describe('realtime sessions', () => {
  const done = (id: string, usage: Json, rest: { [key: string]: Json } = {}) => ({
    type: 'response.done',
    response: { id, object: 'realtime.response', usage },
    ...rest,
  });
  const usage = {
    input_tokens: 132,
    output_tokens: 121,
    total_tokens: 253,
    input_token_details: {
      text_tokens: 119,
      audio_tokens: 13,
      cached_tokens: 64,
      cached_tokens_details: { text_tokens: 60, audio_tokens: 4 },
    },
    output_token_details: { text_tokens: 30, audio_tokens: 91 },
  };

  it('are the sum of their responses, a repeated event counted once', () => {
    const read = session([
      { type: 'session.created', session: { model: 'gpt-realtime-2025' } },
      done('a', usage),
      done('a', usage),
      done('b', usage),
    ]);
    expect(read).toMatchObject({ operation: 'realtime', model: 'gpt-realtime-2025', source: 'reported' });
    expect(used(read)).toEqual({
      input_uncached: 118,
      input_cache_read: 120,
      input_audio: 18,
      input_audio_cache_read: 8,
      output_text: 60,
      output_audio: 182,
    });
    expect(used(extractBody(done('a', usage), openai))).toMatchObject({ output_audio: 91 });
  });

  it('bill the transcription of what was heard at its own model', () => {
    const heard = (used: Json) => ({
      type: 'conversation.item.input_audio_transcription.completed',
      usage: used,
    });
    const created = {
      type: 'session.created',
      session: { model: 'gpt-realtime', audio: { input: { transcription: { model: 'whisper-1' } } } },
    };
    const read = session([
      created,
      heard({ type: 'duration', seconds: 1.5 }),
      heard({ type: 'duration', seconds: 2 }),
      done('a', usage),
    ]);
    expect(read.segments.map(({ model, quantities }) => [model, quantities.audio_seconds_in])).toEqual([
      [null, undefined],
      ['whisper-1', 3.5],
    ]);
  });

  it('of xAI carry the usage on the event', () => {
    const read = session(
      [done('a', {}, { usage: { input_tokens: 5, output_tokens: 7 } })],
      'complete',
      'xai',
    );
    expect(used(read)).toEqual({ input_uncached: 5, output_text: 7 });
  });

  it('D15: that broke off in a response are partial', () => {
    const begun = { type: 'response.created', response: { id: 'b', object: 'realtime.response' } };
    expect(session([done('a', usage), begun], 'aborted').source).toBe('partial');
    expect(session([done('a', usage)], 'aborted').source).toBe('reported');
  });
});

describe('media as streams', () => {
  const read = (events: readonly Json[], surface: string) => {
    const reader = openStream({ ...openai, surface });
    for (const event of events) reader.push(`data: ${JSON.stringify(event)}\n\n`);
    return reader.end('complete');
  };

  it('report usage in their last event', () => {
    const spoken = {
      type: 'speech.audio.done',
      usage: { input_tokens: 14, output_tokens: 101, total_tokens: 115 },
    };
    expect(used(read([{ type: 'speech.audio.delta', audio: 'x' }, spoken], 'speech'))).toEqual({
      input_uncached: 14,
      output_audio: 101,
    });
    const heard = {
      type: 'transcript.text.done',
      usage: {
        type: 'tokens',
        input_tokens: 14,
        input_token_details: { audio_tokens: 14 },
        output_tokens: 45,
        total_tokens: 59,
      },
    };
    expect(used(read([{ type: 'transcript.text.delta', delta: 'x' }, heard], 'transcription'))).toEqual({
      input_uncached: 0,
      input_audio: 14,
      output_text: 45,
    });
    const drawn = {
      type: 'image_generation.completed',
      usage: { input_tokens: 50, output_tokens: 50, total_tokens: 100 },
    };
    expect(used(read([{ type: 'image_generation.partial_image' }, drawn], 'image'))).toEqual({
      input_uncached: 50,
      output_image: 50,
    });
  });

  it('older speech models are billed by the characters that were sent', () => {
    const read = extractBody(
      {},
      { ...openai, surface: 'speech', requestModel: 'tts-1', request: { input: 'héllo 🦆' } },
    );
    expect(read).toMatchObject({ operation: 'speech', source: 'estimated' });
    expect(used(read)).toEqual({ characters_in: 7 });
  });
});

describe('images made by a tool of a response', () => {
  const response = (rest: { [key: string]: Json }) => ({
    object: 'response',
    model: 'gpt-5',
    usage: { input_tokens: 10, output_tokens: 4, total_tokens: 14 },
    ...rest,
  });
  const made = { type: 'image_generation_call', id: 'ig_1', status: 'completed' };

  it('are billed at the image model by the tokens that are stated', () => {
    const body = response({
      output: [made],
      tools: [{ type: 'image_generation', model: 'gpt-image-1-mini' }],
      tool_usage: {
        image_gen: {
          input_tokens: 30,
          input_tokens_details: { image_tokens: 20, text_tokens: 10 },
          output_tokens: 272,
          output_tokens_details: { image_tokens: 272, text_tokens: 0 },
        },
      },
    });
    const usage = extractBody(body, openai);
    expect(usage.segments.map(({ model, quantities }) => [model, quantities])).toEqual([
      [null, { input_uncached: 10, output_text: 4 }],
      ['gpt-image-1-mini', { input_uncached: 10, input_image: 20, output_image: 272, output_text: 0 }],
    ]);
  });

  it('are counted and flagged where their tokens are not stated, and nothing where none was made', () => {
    const usage = extractBody(response({ output: [made] }), openai);
    expect(usage.segments.at(-1)).toMatchObject({ model: 'gpt-image-1', quantities: { images: 1 } });
    expect(codes(usage)).toEqual(['image_tokens_not_reported']);
    const declared = response({
      output: [],
      tools: [{ type: 'image_generation' }],
      tool_usage: { image_gen: { input_tokens: 0, output_tokens: 0 } },
    });
    expect(extractBody(declared, openai).segments).toHaveLength(1);
  });
});

describe('pictures of DALL-E, which report no usage', () => {
  const body = { created: 1709033847, data: [{ url: 'a' }, { url: 'b' }] };
  const url = 'https://api.openai.com/v1/images/generations';
  const read = (requestModel: string, request?: { readonly [key: string]: string }) =>
    extractBody(body, { url, requestModel, ...(request === undefined ? {} : { request }) });

  it('are billed by their number, at the size and quality of the request', () => {
    const [segment] = read('dall-e-3', { size: '1024x1792', quality: 'hd' }).segments;
    expect(segment).toMatchObject({ model: 'dall-e-3/hd/1024x1792', quantities: { images: 2 } });
    expect(read('dall-e-2', { size: '256x256' })).toMatchObject({ model: 'dall-e-2', source: 'reported' });
    expect(read('dall-e-3', {}).segments[0]?.model).toBe('dall-e-3/1024x1024');
  });

  it('have no price where the request is not known, and no other model is counted so', () => {
    expect(read('dall-e-3').segments[0]?.model).toBe('dall-e-3');
    expect(read('gpt-image-1', { size: '1024x1024' }).source).toBe('none');
  });
});

describe('what reports no usage but what it is billed by', () => {
  it('a transcript states how long the audio was', () => {
    const url = 'https://api.groq.com/openai/v1/audio/transcriptions';
    const read = (body: Json) => extractBody(body, { url, requestModel: 'whisper-large-v3' });
    expect(read({ text: 'x', task: 'transcribe', duration: 3.2 }).segments[0]?.quantities).toEqual({
      audio_seconds_in: 3.2,
    });
    expect(read({ text: 'x' }).source).toBe('none');
    expect(read({ text: 'x', duration: -1 }).source).toBe('none');
  });

  it('a moderation is a call, and free', () => {
    const body = { id: 'modr-1', model: 'omni-moderation-latest', results: [{ flagged: false }] };
    const read = extractBody(body, { url: 'https://api.openai.com/v1/moderations' });
    expect(read).toMatchObject({ provider: 'openai', operation: 'moderation', source: 'reported' });
    const { provider, operation, segments } = read;
    const asked = { provider, operation, segments, model: read.model ?? '', at: Date.UTC(2026, 8, 1) };
    const charge = rate(book, { ...asked, tier: 'standard', speed: null, region: null });
    expect(charge.totalPicos).toBe(0n);
  });
});

describe('reranking that is billed by tokens', () => {
  it.each([
    ['https://api.jina.ai/v1/rerank', { usage: { total_tokens: 815 }, results: [{ relevance_score: 0.1 }] }],
    [
      'https://api.voyageai.com/v1/rerank',
      { usage: { total_tokens: 815 }, data: [{ relevance_score: 0.1 }] },
    ],
    [
      'https://api.together.xyz/v1/rerank',
      { object: 'rerank', usage: { prompt_tokens: 815, total_tokens: 815 } },
    ],
  ])('at %s is reranking, and all of it input', (url, body) => {
    const read = extractBody(body, { url });
    expect(read.operation).toBe('rerank');
    expect(read.segments[0]?.quantities).toEqual({ input_uncached: 815 });
  });
});
