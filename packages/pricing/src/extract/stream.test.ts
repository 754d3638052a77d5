import { describe, expect, it } from 'vitest';
import { type ExtractHint, openStream } from '../extract.ts';
import { mergeSegments } from '../usage/quantities.ts';
import type { ExtractedUsage, Json } from '../usage/usage.ts';

const sse = (events: readonly Json[], newline = '\n', last = '[DONE]') =>
  [...events.map((event) => JSON.stringify(event)), ...(last === '' ? [] : [last])]
    .map((data) => `data: ${data}${newline}${newline}`)
    .join('');

const chunk = (rest: { [key: string]: Json }) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1_763_000_000,
  model: 'gpt-4o-2024-08-06',
  service_tier: 'default',
  usage: null,
  ...rest,
});
const text = (content: string) => chunk({ choices: [{ index: 0, delta: { content }, finish_reason: null }] });
const stop = chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
const counts = { prompt_tokens: 10, completion_tokens: 4, total_tokens: 14 };
const usageChunk = chunk({ choices: [], usage: counts });
const chat = [text('"usage":{"prompt_tokens":999} ünï🦆'), text('b'), stop, usageChunk];

const response = (status: string, rest: { [key: string]: Json } = {}) => ({
  type: `response.${status}`,
  response: { id: 'resp_1', object: 'response', model: 'gpt-5', service_tier: 'auto', output: [], ...rest },
});
const searched = { id: 'ws_1', type: 'web_search_call', status: 'completed', action: { type: 'search' } };
const responses = [
  response('created', { usage: null }),
  { type: 'response.output_text.delta', delta: 'x' },
  { type: 'response.output_item.done', item: searched },
  response('incomplete', {
    service_tier: 'priority',
    output: [searched],
    usage: { input_tokens: 10, output_tokens: 4, total_tokens: 14 },
  }),
];

const anthropic = [
  {
    type: 'message_start',
    message: {
      id: 'msg_1',
      type: 'message',
      model: 'claude-x',
      usage: { input_tokens: 9, output_tokens: 1 },
    },
  },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'ü🦆"usage":null' } },
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 4 } },
  { type: 'message_stop' },
];

const geminiChunk = (counts: { [key: string]: Json }, rest: { [key: string]: Json } = {}) => ({
  candidates: [{ content: { parts: [{ text: 'ü🦆"usageMetadata":null' }] }, ...rest }],
  usageMetadata: { promptTokenCount: 9, ...counts },
  modelVersion: 'gemini-2.5-flash',
  responseId: 'r1',
});
const gemini = [
  geminiChunk({ totalTokenCount: 9 }),
  geminiChunk({ candidatesTokenCount: 2, totalTokenCount: 11 }),
  geminiChunk({ candidatesTokenCount: 4, totalTokenCount: 13 }, { finishReason: 'STOP' }),
];

const interaction = (type: string, rest: { [key: string]: Json }) => ({
  event_type: `interaction.${type}`,
  interaction: { id: 'v1', object: 'interaction', model: 'gemini-2.5-flash', ...rest },
});
const interactions = [
  interaction('created', { status: 'in_progress' }),
  { event_type: 'step.delta', index: 0, delta: { text: 'ü🦆', type: 'text' } },
  interaction('completed', {
    status: 'completed',
    usage: { total_input_tokens: 9, total_output_tokens: 4, total_tokens: 13 },
  }),
];

const cohere = [
  { id: 'a', type: 'message-start', delta: { message: { role: 'assistant' } } },
  { type: 'content-delta', index: 0, delta: { message: { content: { text: 'ü🦆' } } } },
  { type: 'message-end', delta: { usage: { billed_units: { input_tokens: 9, output_tokens: 4 } } } },
];

const converse = [
  { messageStart: { role: 'assistant' } },
  { contentBlockDelta: { contentBlockIndex: 0, delta: { text: 'ü🦆"metadata"' } } },
  { messageStop: { stopReason: 'end_turn' } },
  { metadata: { usage: { inputTokens: 9, outputTokens: 4, totalTokens: 13 } } },
];

const ollamaLine = { model: 'llama3', created_at: '2024-05-24T21:01:59Z' };
const ollama = [
  { ...ollamaLine, message: { role: 'assistant', content: 'ü🦆' }, done: false },
  {
    ...ollamaLine,
    message: { role: 'assistant', content: '' },
    done: true,
    prompt_eval_count: 9,
    eval_count: 4,
  },
];

const watsonxEvent = (input: number, output: number, reason: string) => ({
  model_id: 'google/flan-ul2',
  created_at: '2024-03-10T14:40:37.661Z',
  results: [
    { generated_text: 'ü🦆', input_token_count: input, generated_token_count: output, stop_reason: reason },
  ],
});
const watsonx = [
  watsonxEvent(9, 0, 'not_finished'),
  watsonxEvent(0, 2, 'not_finished'),
  watsonxEvent(0, 4, 'eos_token'),
];

function read(
  input: readonly (string | Uint8Array)[],
  hint: ExtractHint,
  reason: 'complete' | 'aborted' = 'complete',
): ExtractedUsage {
  const stream = openStream(hint);
  for (const part of input) stream.push(part);
  return stream.end(reason);
}

const openai = { provider: 'openai' };
const KINDS: readonly (readonly [string, readonly Json[], ExtractHint])[] = [
  ['openai chat', chat, openai],
  ['openai responses', responses, openai],
  ['anthropic messages', anthropic, { provider: 'anthropic' }],
  ['Gemini generateContent', gemini, { provider: 'google' }],
  ['Gemini interactions', interactions, { provider: 'google' }],
  ['Cohere chat', cohere, { provider: 'cohere' }],
  ['Bedrock Converse', converse, { provider: 'bedrock' }],
  ['Ollama', ollama, { provider: 'ollama' }],
  ['watsonx', watsonx, { provider: 'watsonx' }],
];

describe.each(KINDS)('a stream of %s', (_name, events, hint) => {
  const whole = read([sse(events)], hint);

  it('is reported and final', () => {
    expect(whole.source).toBe('reported');
    expect(whole.anomalies).toEqual([]);
    expect(mergeSegments(whole.segments)).toMatchObject({ output_text: 4 });
  });

  it('reads the same one byte at a time, in the middle of characters and lines', () => {
    const bytes = new TextEncoder().encode(sse(events));
    expect(
      read(
        Array.from(bytes, (byte) => Uint8Array.of(byte)),
        hint,
      ),
    ).toEqual(whole);
  });

  it('reads the same with CRLF, comments and a byte order mark', () => {
    expect(read([`\uFEFF: ping\r\n\r\n${sse(events, '\r\n')}: end\r\n`], hint)).toEqual(whole);
  });

  it('reads the same with event names', () => {
    const named = events.map((event) => `event: x\ndata: ${JSON.stringify(event)}\n\n`).join('');
    expect(read([named], hint)).toEqual(whole);
  });

  it('reads the same with its last event twice, without the end mark, and without the last empty line', () => {
    expect(read([sse([...events, ...events.slice(-1)])], hint)).toEqual(whole);
    expect(read([sse(events, '\n', '')], hint)).toEqual(whole);
    expect(read([sse(events, '\n', '').trimEnd()], hint)).toEqual(whole);
  });

  it('reads the same as parsed events, as lines of JSON and as JSON spaced by another printer', () => {
    const stream = openStream(hint);
    for (const event of events) stream.pushEvent(event);
    expect(stream.end('complete')).toEqual(whole);
    expect(read([events.map((event) => JSON.stringify(event)).join('\n')], hint)).toEqual(whole);
    const spaced = events.map((event) => JSON.stringify(event, null, 1).replaceAll('\n', ' '));
    expect(read([spaced.map((data) => `data: ${data}\n\n`).join('')], hint)).toEqual(whole);
  });

  it('tells its form without being told', () => {
    expect(read([sse(events)], {})).toEqual(whole);
  });

  it('never counts more when it is cut, and says that it is not final', () => {
    const bytes = sse(events, '\n', '');
    const final = mergeSegments(whole.segments);
    for (let at = 0; at < bytes.length - 60; at += 7) {
      const cut = read([bytes.slice(0, at)], hint, 'aborted');
      expect(['partial', 'none', 'reported']).toContain(cut.source);
      expect(mergeSegments(cut.segments).output_text ?? 0).toBeLessThanOrEqual(final.output_text ?? 0);
    }
  });
});

describe('streams of OpenAI chat', () => {
  it('D7: cumulative usage on every chunk is not summed', () => {
    const growing = [1, 2, 4].map((tokens) => ({
      ...text('x'),
      usage: { prompt_tokens: 10, completion_tokens: tokens, total_tokens: 10 + tokens },
    }));
    const usage = read([sse([...growing, stop])], { provider: 'perplexity' });
    expect(mergeSegments(usage.segments)).toEqual({ input_uncached: 10, output_text: 4 });
  });

  it('without usage have none', () => {
    const usage = read([sse([text('a'), stop])], openai);
    expect(usage).toMatchObject({
      source: 'none',
      segments: [],
      model: 'gpt-4o-2024-08-06',
      tier: 'standard',
    });
  });

  it('take model and id from the first chunk that has them', () => {
    const first = chunk({ id: '', model: '', choices: [] });
    const usage = read([sse([first, ...chat])], { provider: 'azure' });
    expect(usage).toMatchObject({ model: 'gpt-4o-2024-08-06', responseId: 'chatcmpl-1' });
  });
});

describe('streams of OpenAI responses', () => {
  it('D11: take the tier from the last event', () => {
    expect(read([sse(responses)], openai).tier).toBe('priority');
  });

  it('that were cut keep the tools that ran', () => {
    const usage = read([sse(responses.slice(0, 3))], openai, 'aborted');
    expect(usage.source).toBe('partial');
    expect(mergeSegments(usage.segments)).toEqual({ web_searches: 1 });
  });
});

describe('what is no stream', () => {
  it('is read as the body it is', () => {
    const body = { object: 'chat.completion', model: 'gpt-4o', choices: [], usage: counts };
    const bytes = new TextEncoder().encode(JSON.stringify(body, null, 2));
    const usage = read(
      Array.from(bytes, (byte) => Uint8Array.of(byte)),
      openai,
    );
    expect(mergeSegments(usage.segments)).toEqual({ input_uncached: 10, output_text: 4 });
  });

  it('is no usage where nothing came, or an error did', () => {
    expect(read([], openai).source).toBe('none');
    expect(read([sse([{ error: { message: 'overloaded' } }])], openai).source).toBe('none');
    expect(read(['<html>busy</html>'], openai).source).toBe('none');
  });
});
