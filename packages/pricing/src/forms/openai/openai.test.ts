import { describe, expect, it } from 'vitest';
import { ExtractError, extractBody, extractUsage, parseJson } from '../../extract.ts';
import { mergeSegments, tokenTotals } from '../../usage/quantities.ts';
import type { Json } from '../../usage/usage.ts';

const openai = { provider: 'openai' };
const chat = (usage: Json, rest: { [key: string]: Json } = {}) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_763_000_000,
  model: 'gpt-4o-2024-08-06',
  choices: [],
  usage,
  ...rest,
});
const response = (usage: Json, rest: { [key: string]: Json } = {}) => ({
  id: 'resp_1',
  object: 'response',
  created_at: 1_763_000_000,
  model: 'gpt-5-2025-08-07',
  output: [],
  usage,
  ...rest,
});
const codes = (usage: { anomalies: readonly { code: string }[] }) => usage.anomalies.map((a) => a.code);
const quantitiesOf = (body: Json, provider = 'openai') =>
  mergeSegments(extractBody(body, { provider }).segments);

describe('OpenAI chat', () => {
  it('D1: a cached token is counted once, as cache read, never as input too', () => {
    const used = quantitiesOf(
      chat({ prompt_tokens: 1000, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 600 } }),
    );
    expect(used).toEqual({ input_uncached: 400, input_cache_read: 600, output_text: 5 });
  });

  it('D2: quantities and their breakdown sum to the total of the provider', () => {
    const used = quantitiesOf(
      chat({
        prompt_tokens: 100,
        completion_tokens: 50,
        total_tokens: 150,
        prompt_tokens_details: { cached_tokens: 30, audio_tokens: 20 },
        completion_tokens_details: { reasoning_tokens: 10, audio_tokens: 15, rejected_prediction_tokens: 9 },
      }),
    );
    expect(tokenTotals(used)).toMatchObject({ input: 100, output: 50 });
    expect(used).toMatchObject({ input_audio: 20, output_audio: 15, output_reasoning: 10, output_text: 25 });
  });

  it('D4: cached tokens are found under every spelling, and what Mistral repeats beside them is not', () => {
    const used = (extra: { [key: string]: Json }) =>
      quantitiesOf(chat({ prompt_tokens: 100, completion_tokens: 1, ...extra }), 'openai-compatible')
        .input_cache_read;
    expect(used({ prompt_tokens_details: { cached_tokens: 40 } })).toBe(40);
    expect(used({ prompt_token_details: { cached_tokens: 40 } })).toBe(40);
    expect(used({ promptTokenDetails: { cached_tokens: 40 } })).toBe(40);
    expect(used({ prompt_cache_hit_tokens: 40, prompt_cache_miss_tokens: 60 })).toBe(40);
    expect(used({ cached_tokens: 40 })).toBe(40);
    expect(used({ num_cached_tokens: 99 })).toBeUndefined();
  });

  it('D5: reasoning beside the output is added where the total says so (xAI chat)', () => {
    const used = quantitiesOf(
      chat({
        prompt_tokens: 12,
        completion_tokens: 2,
        total_tokens: 314,
        completion_tokens_details: { reasoning_tokens: 300 },
      }),
      'xai',
    );
    expect(used).toMatchObject({ input_uncached: 12, output_text: 2, output_reasoning: 300 });
  });

  it('D6: reasoning inside the output is not added again', () => {
    const used = quantitiesOf(
      chat({
        prompt_tokens: 12,
        completion_tokens: 302,
        total_tokens: 314,
        completion_tokens_details: { reasoning_tokens: 300 },
      }),
    );
    expect(used).toMatchObject({ output_text: 2, output_reasoning: 300 });
  });

  it('keeps tokens that were both read and written, since both are billed, and says so', () => {
    const usage = extractBody(
      chat({
        prompt_tokens: 2168,
        completion_tokens: 1,
        prompt_tokens_details: { cached_tokens: 2161, cache_write_tokens: 2161 },
      }),
      { provider: 'openrouter' },
    );
    expect(mergeSegments(usage.segments)).toMatchObject({
      input_uncached: 7,
      input_cache_read: 2161,
      input_cache_write: 2161,
    });
    expect(codes(usage)).toEqual(['cache_read_and_write_overlap']);
  });

  it('cuts cached image tokens into a class of their own where the text cannot hold them', () => {
    const used = quantitiesOf(
      chat({
        prompt_tokens: 1000,
        completion_tokens: 1,
        prompt_tokens_details: { image_tokens: 800, cached_tokens: 500 },
      }),
    );
    expect(used).toMatchObject({
      input_uncached: 0,
      input_cache_read: 200,
      input_image: 500,
      input_image_cache_read: 300,
    });
  });

  it('takes the tier that was served', () => {
    const tier = (word: Json) =>
      extractBody(chat({ prompt_tokens: 1, completion_tokens: 1 }, { service_tier: word }), openai).tier;
    expect([tier('auto'), tier('default'), tier(null), tier('fast'), tier('priority'), tier('flex')]).toEqual(
      ['standard', 'standard', null, 'priority', 'priority', 'flex'],
    );
  });

  it('D9: a total that holds the cache makes no output of it', () => {
    const usage = {
      prompt_tokens: 22,
      completion_tokens: 13,
      total_tokens: 2527,
      prompt_tokens_details: { cached_tokens: 0 },
    };
    for (const provider of ['anthropic', 'bedrock', 'openai-compatible', 'openrouter']) {
      const read = extractBody(chat(usage), { provider });
      expect(mergeSegments(read.segments).output_text).toBe(13);
      expect(codes(read)).toEqual(['total_mismatch']);
    }
  });

  it('flags a total that disagrees and keeps the counts', () => {
    const usage = extractBody(chat({ prompt_tokens: 10, completion_tokens: 5, total_tokens: 99 }), openai);
    expect(codes(usage)).toEqual(['total_mismatch']);
    expect(mergeSegments(usage.segments)).toEqual({ input_uncached: 10, output_text: 5 });
  });

  it.each([[-5], [1.5], ['many'], [1e300], [{}], [true]])('leaves out %j as a count and says so', (count) => {
    const usage = extractBody(chat({ prompt_tokens: count, completion_tokens: 5 }), openai);
    expect(mergeSegments(usage.segments)).toEqual({ output_text: 5 });
    expect(codes(usage)).toContain('not_a_count');
  });

  it('keeps the digits of a stated cost', () => {
    const cost = (text: string) =>
      extractBody(
        parseJson(
          `{"object":"chat.completion","model":"m","usage":{"prompt_tokens":1,"completion_tokens":1,${text}}}`,
        ),
        { provider: 'openrouter' },
      ).reportedCost?.usd;
    expect(cost('"cost":0.0250')).toBe('0.0250');
    expect(cost('"cost":1e-7')).toBe('0.0000001');
    expect(cost('"cost":0.12345678901234567890123')).toBe('0.12345678901234567890123');
    expect(cost('"cost_in_usd_ticks":4468500')).toBe('0.00044685');
    expect(cost('"cost":{"total_cost":0.006}')).toBe('0.006');
    expect(cost('"cost":-1')).toBeUndefined();
  });

  it('prices each model a compound system ran, where the runs sum to the whole', () => {
    const run = (model: string, input: number, output: number) => ({
      model,
      usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
    });
    const { segments } = extractBody(
      chat(
        { prompt_tokens: 30, completion_tokens: 7, total_tokens: 37 },
        { usage_breakdown: { models: [run('a', 10, 3), run('b', 20, 4)] } },
      ),
      { provider: 'groq' },
    );
    expect(segments.map((s) => [s.model, s.quantities])).toEqual([
      ['a', { input_uncached: 10, output_text: 3 }],
      ['b', { input_uncached: 20, output_text: 4 }],
    ]);
  });
});

describe('OpenAI responses', () => {
  const usage = { input_tokens: 100, output_tokens: 20, total_tokens: 120 };

  it('counts cache writes as a part of the input', () => {
    const used = quantitiesOf(
      response({
        ...usage,
        input_tokens_details: { cached_tokens: 10, cache_write_tokens: 60 },
        output_tokens_details: { reasoning_tokens: 8 },
      }),
    );
    expect(used).toEqual({
      input_uncached: 30,
      input_cache_read: 10,
      input_cache_write: 60,
      output_text: 12,
      output_reasoning: 8,
    });
  });

  it('D16: tools are charged when they ran, not when they were declared', () => {
    const declared = response(usage, { tools: [{ type: 'web_search' }, { type: 'code_interpreter' }] });
    expect(quantitiesOf(declared)).toEqual({ input_uncached: 100, output_text: 20 });
    const ran = response(usage, {
      tools: [{ type: 'web_search' }],
      output: [
        { id: 'ws_1', type: 'web_search_call', status: 'completed', action: { type: 'search' } },
        { id: 'ws_2', type: 'web_search_call', status: 'completed', action: { type: 'open_page' } },
        { id: 'ws_3', type: 'web_search_call', status: 'completed', action: { type: 'find_in_page' } },
        { id: 'ws_4', type: 'web_search_call', status: 'failed', action: { type: 'search' } },
        { id: 'fs_1', type: 'file_search_call', status: 'completed' },
        { id: 'fs_2', type: 'file_search_call', status: 'completed' },
        { id: 'ci_1', type: 'code_interpreter_call', container_id: 'cntr_1' },
        { id: 'ci_2', type: 'code_interpreter_call', container_id: 'cntr_1' },
        { id: 'ci_3', type: 'code_interpreter_call', container_id: 'cntr_2' },
      ],
    });
    expect(quantitiesOf(ran)).toMatchObject({ web_searches: 1, file_searches: 2, code_sessions: 2 });
  });

  it('an incomplete response is billed as it says', () => {
    expect(extractBody(response(usage, { status: 'incomplete' }), openai).source).toBe('reported');
  });
});

describe('bodies of other kinds', () => {
  it('embeddings have input only', () => {
    const body = {
      object: 'list',
      data: [{ object: 'embedding', index: 0, embedding: [0.1] }],
      model: 'text-embedding-3-small',
      usage: { prompt_tokens: 8, total_tokens: 8 },
    };
    const usage = extractBody(body, {});
    expect(usage).toMatchObject({ provider: 'openai', operation: 'embedding', source: 'reported' });
    expect(mergeSegments(usage.segments)).toEqual({ input_uncached: 8 });
  });

  it('images have image output; transcription has seconds', () => {
    const image = {
      created: 1_763_000_000,
      data: [{}],
      usage: {
        input_tokens: 50,
        output_tokens: 900,
        total_tokens: 950,
        input_tokens_details: { image_tokens: 40, text_tokens: 10 },
      },
    };
    expect(mergeSegments(extractBody(image, { ...openai, surface: 'image' }).segments)).toEqual({
      input_uncached: 10,
      input_image: 40,
      output_image: 900,
    });
    const spoken = { text: 'hi', usage: { type: 'duration', seconds: 36.5 } };
    expect(mergeSegments(extractBody(spoken, { ...openai, surface: 'transcription' }).segments)).toEqual({
      audio_seconds_in: 36.5,
    });
  });

  it('a line of a batch result is read at the batch tier', () => {
    const body = chat({ prompt_tokens: 10, completion_tokens: 5 }, { service_tier: 'default' });
    const line = { id: 'batch_req_1', custom_id: 'a', response: { status_code: 200, body }, error: null };
    expect(extractBody(line, openai)).toMatchObject({ tier: 'batch', model: 'gpt-4o-2024-08-06' });
    const failed = { id: 'batch_req_2', custom_id: 'b', response: null, error: { code: 'expired' } };
    expect(extractBody(failed, openai)).toMatchObject({ tier: 'batch', source: 'none', segments: [] });
  });

  it('an error has no usage, whatever its form', () => {
    expect(extractBody({ error: { message: 'no' } }, { ...openai, status: 400 })).toMatchObject({
      source: 'none',
      segments: [],
    });
    expect(extractBody({ detail: 'teapot' }, { ...openai, status: 418 }).source).toBe('none');
  });

  it('a bare usage object is read by its fields', () => {
    const used = (usage: Json, provider: string) => mergeSegments(extractUsage(usage, { provider }).segments);
    expect(used({ prompt_tokens: 3, completion_tokens: 4 }, 'openai')).toMatchObject({ output_text: 4 });
    expect(used({ input_tokens: 3, output_tokens: 4, total_tokens: 7 }, 'openai')).toMatchObject({
      output_text: 4,
    });
    expect(
      used({ input_tokens: 3, output_tokens: 4, cache_read_input_tokens: 9 }, 'anthropic'),
    ).toMatchObject({ input_uncached: 3, input_cache_read: 9 });
  });

  it('refuses what it cannot know: another provider, another form', () => {
    const code = (read: () => unknown) => {
      try {
        read();
      } catch (error) {
        return error instanceof ExtractError ? error.code : error;
      }
      return 'read';
    };
    expect(code(() => extractBody(chat({ prompt_tokens: 1 }), { provider: 'acme' }))).toBe(
      'unknown_provider',
    );
    expect(code(() => extractBody({ hello: 1 }, openai))).toBe('unrecognised_body');
    expect(code(() => extractBody([], openai))).toBe('unrecognised_body');
    expect(code(() => extractUsage({ tokens: 1 }, openai))).toBe('unrecognised_body');
    expect(code(() => extractBody({ ...chat({ prompt_tokens: 1 }), model: 'llama-3' }, {}))).toBe(
      'unknown_provider',
    );
  });

  it('drops a creation time that cannot be one', () => {
    const at = (created: Json) => extractBody(chat({ prompt_tokens: 1 }, { created }), openai).createdAt;
    expect([at(1_763_000_000), at(5), at(1_763_000_000_000), at('x'), at(0)]).toEqual([
      1_763_000_000,
      null,
      null,
      null,
      null,
    ]);
  });
});

describe('Azure', () => {
  const body = {
    object: 'chat.completion',
    model: 'gpt-4o-2024-11-20',
    usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
  };
  const tier = (headers: { readonly [name: string]: string }, service_tier?: string) =>
    extractBody(service_tier === undefined ? body : { ...body, service_tier }, { provider: 'azure', headers })
      .tier;

  it('bills a call that spilled over from a provisioned deployment by the token', () => {
    expect(tier({ 'X-MS-Is-Spilled-Over': 'True' })).toBe('standard');
    expect(tier({ 'x-ms-is-spilled-over': 'true' }, 'scale')).toBe('standard');
    expect(tier({ 'x-ms-is-spilled-over': 'true' }, 'priority')).toBe('priority');
  });

  it('takes nothing from a header that says false, which every deployment sends', () => {
    expect(tier({ 'x-ms-is-spilled-over': 'false' })).toBeNull();
    expect(tier({})).toBeNull();
  });
});
