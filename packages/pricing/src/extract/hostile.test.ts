/** Hostile bodies and streams: whatever comes in, no throw but ExtractError, no negative, no NaN. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ExtractedUsage, Json } from '../usage.ts';
import { ExtractError, extractBody, openStream, readResponseLine } from './index.ts';

const SEEDS: readonly Json[] = [
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

const mutated = fc
  .tuple(fc.nat(SEEDS.length - 1), fc.infiniteStream(fc.nat(1_000_000)))
  .map(([seed, stream]) => mutate(SEEDS[seed] as Json, () => stream.next().value ?? 0));

function check(read: () => ExtractedUsage): void {
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

const provider = fc.constantFrom('openai', 'anthropic', 'xai', 'openrouter', 'google', 'perplexity', 'groq');

describe('hostile input', () => {
  it('as a body never yields a negative, NaN, or another throw', () => {
    fc.assert(
      fc.property(mutated, provider, (body, name) => check(() => extractBody(body, { provider: name }))),
      { numRuns: 2000 },
    );
  });

  it('as a stream of events never yields a negative, NaN, or another throw', () => {
    fc.assert(
      fc.property(fc.array(mutated, { maxLength: 5 }), provider, fc.boolean(), (events, name, aborted) =>
        check(() => {
          const stream = openStream({ provider: name });
          for (const event of events) stream.push(`data: ${JSON.stringify(event)}\n\n`);
          return stream.end(aborted ? 'aborted' : 'complete');
        }),
      ),
      { numRuns: 1000 },
    );
  });

  it('as broken text never yields a negative, NaN, or another throw', () => {
    const pieces = fc.array(
      fc.oneof(
        fc.constantFrom(
          'data: ',
          'event: message_start\n',
          '\n\n',
          '\r',
          ':',
          '{"usage":',
          '[DONE]',
          '\u0000',
        ),
        mutated.map((event) => JSON.stringify(event)),
        fc.string(),
        fc.uint8Array({ maxLength: 30 }),
      ),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(pieces, provider, (parts, name) =>
        check(() => {
          const stream = openStream({ provider: name });
          for (const part of parts) stream.push(part);
          return stream.end('complete');
        }),
      ),
      { numRuns: 1000 },
    );
  });

  it('as a line never yields a negative, NaN, or another throw', () => {
    const line = fc.record(
      {
        id: fc.constantFrom('a', 7, null),
        provider: fc.constantFrom('openai', 'anthropic', 'acme', 7, null),
        format: fc.constantFrom('json', 'sse', 'ndjson', 'eventstream', 'xml', 5),
        body: mutated,
        stream: fc.oneof(
          mutated.map((event) => `data: ${JSON.stringify(event)}\n\n`),
          fc.string(),
        ),
        url: fc.oneof(
          fc.webUrl(),
          fc.string(),
          fc.constant('https://x.openai.azure.com/openai/deployments/%zz'),
        ),
        method: fc.constantFrom('GET', 'POST', 3),
        status: fc.constantFrom(200, 404, '200', -1),
        at: fc.constantFrom('2026-01-01T00:00:00Z', 'yesterday', 5, null),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(line, (fields) =>
        check(() => {
          const reading = readResponseLine(fields as { [key: string]: Json }, 1_763_000_000_000);
          expect(Number.isFinite(reading.at)).toBe(true);
          return reading.usage;
        }),
      ),
      { numRuns: 1000 },
    );
  });
});
