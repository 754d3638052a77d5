/** Hostile bodies and streams: recorded forms with values and names replaced, and what must hold of any reading. */

import type { ExtractedUsage, Json } from '@farthing/pricing';
import {
  ExtractError,
  type ExtractHint,
  extractBody,
  openStream,
  readResponseLine,
} from '@farthing/pricing/extract';
import fc from 'fast-check';
import { expect } from 'vitest';
import { chunkFrame, converseFrame } from '../../packages/pricing/src/framing/aws-frames.fixture.ts';

const SEEDS: readonly Json[] = [
  {
    finishReason: 'stop',
    response: { id: 'r', modelId: 'gpt-4o', timestamp: '2026-01-01T00:00:00Z' },
    usage: { inputTokens: 5, outputTokens: 6, totalTokens: 11, cachedInputTokens: 2 },
    totalUsage: { inputTokens: 10, outputTokens: 12, totalTokens: 22 },
    steps: [
      {
        finishReason: 'stop',
        usage: { inputTokens: 5, outputTokens: 6, raw: { input_tokens: 5, output_tokens: 6 } },
      },
      {
        finishReason: 'stop',
        usage: { inputTokens: 5, outputTokens: 6 },
        response: { modelId: 'gpt-4o-mini' },
      },
    ],
  },
  {
    id: 'a',
    run_type: 'chain',
    total_tokens: 15,
    outputs: {},
    child_runs: [
      {
        id: 'b',
        run_type: 'llm',
        extra: { metadata: { ls_model_name: 'gpt-4o' } },
        outputs: {
          generations: [
            [{ message: { usage_metadata: { input_tokens: 10, output_tokens: 5, total_tokens: 15 } } }],
          ],
          llm_output: { token_usage: { prompt_tokens: 10, completion_tokens: 5 } },
        },
      },
    ],
  },
  {
    id: 'c',
    object: 'chat.completion',
    created: 1_763_000_000,
    model: 'gpt-4o',
    service_tier: 'default',
    choices: [{ finish_reason: 'stop' }],
    usage: {
      prompt_tokens: 10,
      completion_tokens: 4,
      total_tokens: 14,
      cost: 0.1,
      prompt_tokens_details: { cached_tokens: 1, audio_tokens: 2, image_tokens: 3, cache_write_tokens: 4 },
      completion_tokens_details: { reasoning_tokens: 1, audio_tokens: 1 },
    },
    usage_breakdown: { models: [{ model: 'a', usage: { prompt_tokens: 10, completion_tokens: 4 } }] },
  },
  {
    type: 'response.completed',
    response: {
      object: 'response',
      model: 'gpt-5',
      created_at: 1_763_000_000,
      output: [{ type: 'web_search_call', id: 'x', action: { type: 'search' } }],
      usage: {
        input_tokens: 10,
        output_tokens: 4,
        total_tokens: 14,
        input_tokens_details: { cached_tokens: 3 },
        output_tokens_details: { reasoning_tokens: 2 },
        server_side_tool_usage_details: { web_search_calls: 1 },
        cost_in_usd_ticks: 5,
      },
    },
  },
  {
    type: 'message_delta',
    delta: { stop_reason: 'end_turn' },
    usage: {
      input_tokens: 10,
      output_tokens: 4,
      cache_creation_input_tokens: 3,
      cache_creation: { ephemeral_5m_input_tokens: 2, ephemeral_1h_input_tokens: 1 },
      iterations: [{ type: 'message', model: 'm', input_tokens: 1, output_tokens: 2 }],
      server_tool_use: { web_search_requests: 1 },
    },
  },
  {
    type: 'message',
    role: 'assistant',
    model: 'claude-x',
    usage: { input_tokens: 1, output_tokens: 2, output_tokens_details: { thinking_tokens: 1 } },
  },
  { object: 'list', data: [{ object: 'embedding' }], usage: { prompt_tokens: 1, total_tokens: 1 } },
  {
    custom_id: 'a',
    response: { status_code: 200, body: { object: 'response', usage: { input_tokens: 1 } } },
  },
  {
    candidates: [
      {
        finishReason: 'STOP',
        groundingMetadata: { webSearchQueries: ['a'], groundingChunks: [{ web: {} }] },
      },
    ],
    modelVersion: 'gemini-3-pro',
    usageMetadata: {
      promptTokenCount: 10,
      candidatesTokenCount: 4,
      thoughtsTokenCount: 3,
      toolUsePromptTokenCount: 2,
      cachedContentTokenCount: 5,
      totalTokenCount: 19,
      trafficType: 'ON_DEMAND',
      promptTokensDetails: [{ modality: 'AUDIO', tokenCount: 7 }],
      cacheTokensDetails: [{ modality: 'AUDIO', tokenCount: 4 }],
    },
  },
  { serverContent: {}, usageMetadata: { promptTokenCount: 5, responseTokenCount: 6, totalTokenCount: 11 } },
  {
    event_type: 'interaction.completed',
    interaction: {
      object: 'interaction',
      steps: [{ type: 'google_search_call', arguments: { queries: ['a'] } }],
      usage: { total_input_tokens: 5, total_output_tokens: 6, total_cached_tokens: 1, total_tokens: 11 },
    },
  },
  { predictions: [{ embeddings: { statistics: { token_count: 5 } } }] },
  {
    output: { message: {} },
    stopReason: 'end_turn',
    serviceTier: { type: 'flex' },
    trace: {
      guardrail: { inputAssessment: { g: { invocationMetrics: { usage: { contentPolicyUnits: 1 } } } } },
    },
    usage: {
      inputTokens: 9,
      outputTokens: 4,
      totalTokens: 20,
      cacheReadInputTokens: 3,
      cacheWriteInputTokens: 4,
      cacheDetails: [{ ttl: '1h', inputTokens: 2 }],
    },
  },
  { metadata: { usage: { inputTokens: 9, outputTokens: 4, totalTokens: 13 } } },
  {
    inputTextTokenCount: 3,
    results: [{ tokenCount: 4 }],
    'amazon-bedrock-invocationMetrics': { inputTokenCount: 3, outputTokenCount: 4 },
  },
  {
    type: 'message-end',
    delta: { usage: { billed_units: { input_tokens: 9, output_tokens: 4 }, tokens: {} } },
  },
  { event_type: 'stream-end', is_finished: true, response: { meta: { billed_units: { search_units: 2 } } } },
  { model: 'llama3', done: true, prompt_eval_count: 9, eval_count: 4, prompt_eval_cached_count: 2 },
  { model_id: 'm', results: [{ input_token_count: 9, generated_token_count: 4, stop_reason: 'eos_token' }] },
  { model: 'mistral-ocr', pages: [], usage_info: { pages_processed: 3 }, document_annotation: 'x' },
  { text: 'a', usage: { prompt_audio_seconds: 3.5, prompt_tokens: 1 } },
  {
    type: 'response.done',
    response: {
      id: 'r',
      object: 'realtime.response',
      usage: {
        input_tokens: 9,
        output_tokens: 4,
        input_token_details: {
          audio_tokens: 5,
          cached_tokens: 3,
          cached_tokens_details: { audio_tokens: 2 },
        },
      },
    },
  },
  {
    finishReason: 'stop',
    providerMetadata: { anthropic: { cacheCreationInputTokens: 2 } },
    usage: { inputTokens: 9, outputTokens: 4, cachedInputTokens: 3, reasoningTokens: 1, totalTokens: 13 },
  },
  {
    usage_metadata: {
      input_tokens: 9,
      output_tokens: 4,
      input_token_details: { cache_read: 2, ephemeral_1h_input_tokens: 1 },
      output_token_details: { reasoning: 1 },
    },
  },
  { generated_text: 'x', details: { generated_tokens: 4, prefill: [{}] } },
  {
    object: 'response',
    output: [{ type: 'image_generation_call', id: 'i' }],
    tool_usage: {
      image_gen: { input_tokens: 3, output_tokens: 9, output_tokens_details: { text_tokens: 1 } },
    },
    usage: { input_tokens: 10, output_tokens: 4, total_tokens: 14 },
  },
];

const POISON = [
  null,
  true,
  '',
  '12',
  '-1',
  'NaN',
  -1,
  1.5,
  -0,
  2 ** 53,
  1e308,
  [],
  {},
  [null],
  'x'.repeat(300),
];

/** Values of a seed replaced, keys poisoned: one mutation per draw of `picks`. */
function mutate(value: Json, picks: () => number): Json {
  if (picks() % 6 === 0) return POISON[picks() % POISON.length] as Json;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: Json) => mutate(item, picks));
  const entries = Object.entries(value).map(([key, item]) => [
    picks() % 20 === 0 ? ['__proto__', 'constructor', 'usage', 'type'][picks() % 4] : key,
    mutate(item ?? null, picks),
  ]);
  return Object.fromEntries(entries) as Json;
}

export const mutated = fc
  .tuple(fc.nat(SEEDS.length - 1), fc.infiniteStream(fc.nat(1_000_000)))
  .map(([seed, stream]) => mutate(SEEDS[seed] as Json, () => stream.next().value ?? 0));

/** No throw but ExtractError, nothing negative, no NaN, no prototype touched. */
export function check(read: () => ExtractedUsage): void {
  let usage: ExtractedUsage;
  try {
    usage = read();
  } catch (error) {
    expect(error).toBeInstanceOf(ExtractError);
    return;
  }
  for (const { quantities, contextTokens } of usage.segments) {
    for (const quantity of [...Object.values(quantities), contextTokens]) {
      expect(Number.isFinite(quantity) && quantity >= 0).toBe(true);
    }
  }
  expect(Object.prototype).not.toHaveProperty('usage');
  if (usage.reportedCost !== null) expect(usage.reportedCost.usd).toMatch(/^\d+(\.\d+)?$/);
}

const provider = fc.constantFrom(
  'openai',
  'anthropic',
  'xai',
  'openrouter',
  'google',
  'vertex',
  'bedrock',
  'cohere',
  'mistral',
  'ollama',
  'perplexity',
  'groq',
);
const surface = fc.constantFrom(
  undefined,
  'chat',
  'responses',
  'converse',
  'invoke',
  'generateContent',
  'realtime',
  'speech',
);
const hint = fc.record({ provider, surface }).map(
  ({ provider: name, surface: told }): ExtractHint => ({
    provider: name,
    ...(told === undefined ? {} : { surface: told }),
    headers: { 'x-amzn-bedrock-input-token-count': '-5', 'x-prompt-tokens': '9' },
  }),
);

/** A reading of something hostile, ready to be done. */
export type Attempt = () => ExtractedUsage;

export const bodies: fc.Arbitrary<Attempt> = fc.tuple(mutated, hint).map(
  ([body, told]) =>
    () =>
      extractBody(body, told),
);

export const eventStreams: fc.Arbitrary<Attempt> = fc
  .tuple(fc.array(mutated, { maxLength: 5 }), hint, fc.boolean())
  .map(([events, told, aborted]) => () => {
    const stream = openStream(told);
    for (const event of events) stream.push(`data: ${JSON.stringify(event)}\n\n`);
    return stream.end(aborted ? 'aborted' : 'complete');
  });

export const binaryStreams: fc.Arbitrary<Attempt> = fc
  .tuple(
    fc.array(fc.tuple(mutated, fc.boolean()), { maxLength: 4 }),
    fc.array(fc.nat(), { maxLength: 3 }),
    hint,
  )
  .map(([events, flips, told]) => () => {
    const stream = openStream(told);
    for (const [event, wrapped] of events) {
      const fields = typeof event === 'object' && event !== null ? event : {};
      const bytes = wrapped ? chunkFrame(fields) : converseFrame('metadata', fields);
      for (const flip of flips) if (flip % 3 === 0) bytes[flip % bytes.length] = flip % 256;
      stream.push(bytes);
    }
    return stream.end('complete');
  });

const pieces = fc.array(
  fc.oneof(
    fc.constantFrom('data: ', 'event: message_start\n', '\n\n', '\r', ':', '{"usage":', '[DONE]', '\u0000'),
    mutated.map((event) => JSON.stringify(event)),
    fc.string(),
    fc.uint8Array({ maxLength: 30 }),
  ),
  { maxLength: 20 },
);

export const brokenText: fc.Arbitrary<Attempt> = fc.tuple(pieces, hint).map(([parts, told]) => () => {
  const stream = openStream(told);
  for (const part of parts) stream.push(part);
  return stream.end('complete');
});

const line = fc.record(
  {
    id: fc.constantFrom('a', 7, null),
    provider: fc.constantFrom('openai', 'anthropic', 'bedrock', 'acme', 7, null),
    format: fc.constantFrom('json', 'sse', 'ndjson', 'eventstream', 'xml', 5),
    body: mutated,
    stream: fc.oneof(
      mutated.map((event) => `data: ${JSON.stringify(event)}\n\n`),
      fc.string(),
    ),
    stream_base64: fc.oneof(fc.base64String(), fc.string(), fc.constant(5)),
    headers: fc.oneof(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer())), fc.constant(null)),
    url: fc.oneof(fc.webUrl(), fc.string(), fc.constant('https://x.openai.azure.com/openai/deployments/%zz')),
    method: fc.constantFrom('GET', 'POST', 3),
    status: fc.constantFrom(200, 404, '200', -1),
    at: fc.constantFrom('2026-01-01T00:00:00Z', 'yesterday', 5, null),
  },
  { requiredKeys: [] },
);

export const lines: fc.Arbitrary<Attempt> = line.map((fields) => () => {
  const reading = readResponseLine(fields as unknown as { [key: string]: Json }, 1_763_000_000_000);
  expect(Number.isFinite(reading.at)).toBe(true);
  return reading.usage;
});
