import { describe, expect, it } from 'vitest';
import { extractBody, openStream } from '../../extract.ts';
import { mergeSegments } from '../../usage/quantities.ts';
import type { Json } from '../../usage/usage.ts';

const message = (usage: Json) => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-4-5-20250929',
  content: [],
  usage,
});
const read = (usage: Json) => extractBody(message(usage), {});
const used = (usage: Json) => mergeSegments(read(usage).segments);
const stream = (...events: Json[]) => {
  const extractor = openStream({ provider: 'anthropic' });
  for (const event of events) extractor.pushEvent(event);
  return extractor.end('complete');
};
const start = (usage: Json) => ({ type: 'message_start', message: message(usage) });
const delta = (usage: Json) => ({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage });

describe('Anthropic messages', () => {
  it('D3: cache stands beside the input and is never subtracted from it', () => {
    const body = {
      input_tokens: 10,
      cache_read_input_tokens: 500,
      cache_creation_input_tokens: 200,
      output_tokens: 7,
    };
    expect(used(body)).toEqual({
      input_uncached: 10,
      input_cache_read: 500,
      input_cache_write_5m: 200,
      output_text: 7,
    });
    expect(read(body).segments[0]?.contextTokens).toBe(710);
  });

  it('splits cache writes by lifetime; what the split leaves open was written for five minutes', () => {
    const split = { ephemeral_5m_input_tokens: 3068, ephemeral_1h_input_tokens: 100 };
    expect(
      used({ input_tokens: 1, output_tokens: 1, cache_creation_input_tokens: 3437, cache_creation: split }),
    ).toMatchObject({ input_cache_write_5m: 3337, input_cache_write_1h: 100 });
  });

  it('flags a split beyond its total and keeps the split', () => {
    const usage = read({
      input_tokens: 1,
      output_tokens: 1,
      cache_creation_input_tokens: 5,
      cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 10 },
    });
    expect(mergeSegments(usage.segments)).toMatchObject({
      input_cache_write_5m: 10,
      input_cache_write_1h: 10,
    });
    expect(usage.anomalies.map((a) => a.code)).toEqual(['cache_write_split_exceeds_total']);
  });

  it('D6: thinking is a part of the output', () => {
    expect(
      used({ input_tokens: 1, output_tokens: 50, output_tokens_details: { thinking_tokens: 30 } }),
    ).toMatchObject({ output_text: 20, output_reasoning: 30 });
  });

  it('D10: compaction and advisor runs, which the top level leaves out, are billed at their own models', () => {
    const usage = read({
      input_tokens: 180,
      output_tokens: 8,
      iterations: [
        { type: 'compaction', input_tokens: 100, output_tokens: 82, cache_creation_input_tokens: 55_096 },
        { type: 'advisor_message', model: 'claude-opus-4-6', input_tokens: 40, output_tokens: 3 },
        { type: 'message', input_tokens: 180, output_tokens: 8 },
      ],
    });
    expect(usage.segments.map(({ model, quantities }) => [model, quantities])).toEqual([
      [null, { input_uncached: 100, input_cache_write_5m: 55_096, output_text: 82 }],
      ['claude-opus-4-6', { input_uncached: 40, output_text: 3 }],
      [null, { input_uncached: 180, output_text: 8 }],
    ]);
    expect(usage.segments.map((segment) => segment.contextTokens)).toEqual([55_196, 40, 180]);
    expect(usage.anomalies).toEqual([]);
  });

  it('reads tier, speed, region and searches', () => {
    const usage = read({
      input_tokens: 1,
      output_tokens: 1,
      service_tier: 'priority',
      speed: 'fast',
      inference_geo: 'us',
      server_tool_use: { web_search_requests: 2, web_fetch_requests: 9 },
    });
    expect(usage).toMatchObject({ tier: 'priority', speed: 'fast', region: 'us' });
    expect(mergeSegments(usage.segments).web_searches).toBe(2);
    expect(read({ input_tokens: 1, output_tokens: 1, inference_geo: 'not_available' }).region).toBeNull();
  });

  it('a line of a batch result is read at the batch tier', () => {
    const line = {
      custom_id: 'a',
      result: { type: 'succeeded', message: message({ input_tokens: 5, output_tokens: 2 }) },
    };
    expect(extractBody(line, {})).toMatchObject({ provider: 'anthropic', tier: 'batch' });
  });
});

describe('Anthropic streams', () => {
  const end = { type: 'message_stop' };

  it('D7: a later count replaces an earlier one and is never added', () => {
    const usage = stream(
      start({ input_tokens: 25, output_tokens: 1 }),
      delta({ output_tokens: 15 }),
      delta({ output_tokens: 40 }),
      end,
    );
    expect(mergeSegments(usage.segments)).toEqual({ input_uncached: 25, output_text: 40 });
    expect(usage.source).toBe('reported');
  });

  it('D8: the final input counts, not that of the start', () => {
    const usage = stream(
      start({ input_tokens: 2751, output_tokens: 1 }),
      delta({ input_tokens: 320_032, output_tokens: 9 }),
      end,
    );
    expect(mergeSegments(usage.segments).input_uncached).toBe(320_032);
  });

  it('null and absent fields leave the start standing', () => {
    const usage = stream(
      start({ input_tokens: 25, cache_read_input_tokens: 7, output_tokens: 1 }),
      delta({ input_tokens: null, output_tokens: 15 }),
      end,
    );
    expect(mergeSegments(usage.segments)).toEqual({
      input_uncached: 25,
      input_cache_read: 7,
      output_text: 15,
    });
  });

  it('a repeated start does not take back what a delta has said', () => {
    const first = start({ input_tokens: 25, output_tokens: 1 });
    const usage = stream(first, delta({ output_tokens: 15 }), first, end);
    expect(mergeSegments(usage.segments).output_text).toBe(15);
  });

  it('a cut stream holds what had arrived, as partial', () => {
    const usage = stream(start({ input_tokens: 25, output_tokens: 1 }));
    expect(usage.source).toBe('partial');
    expect(mergeSegments(usage.segments)).toEqual({ input_uncached: 25, output_text: 1 });
  });
});
