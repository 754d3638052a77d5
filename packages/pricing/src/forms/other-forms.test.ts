import { describe, expect, it } from 'vitest';
import { type ExtractHint, extractBody, openStream, parseJson } from '../extract.ts';
import { mergeSegments } from '../usage/quantities.ts';
import type { ExtractedUsage, Json } from '../usage/usage.ts';

const used = (usage: ExtractedUsage) => mergeSegments(usage.segments);
const codes = (usage: ExtractedUsage) => usage.anomalies.map(({ code }) => code);

function events(list: readonly Json[], hint: ExtractHint, reason: 'complete' | 'aborted' = 'complete') {
  const reader = openStream(hint);
  for (const event of list) reader.push(`${JSON.stringify(event)}\n`);
  return reader.end(reason);
}

describe('Cohere', () => {
  const cohere = { provider: 'cohere' };
  const usage = {
    billed_units: { input_tokens: 39, output_tokens: 27 },
    tokens: { input_tokens: 1683, output_tokens: 62 },
    cached_tokens: 992,
  };

  it('D4: is billed by billed_units, whatever tokens and cached_tokens say', () => {
    const expected = { input_uncached: 39, output_text: 27 };
    expect(used(extractBody({ id: 'a', message: {}, usage }, cohere))).toEqual(expected);
    expect(used(extractBody({ response_id: 'a', text: '', meta: usage }, cohere))).toEqual(expected);
    const v2 = [
      { type: 'message-start', id: 'a' },
      { type: 'content-delta' },
      { type: 'message-end', delta: { usage } },
    ];
    expect(events(v2, cohere)).toMatchObject({
      responseId: 'a',
      source: 'reported',
      segments: [{ quantities: expected }],
    });
    const v1 = [
      { is_finished: false, event_type: 'stream-start' },
      { is_finished: true, event_type: 'stream-end', response: { meta: usage } },
    ];
    expect(used(events(v1, cohere))).toEqual(expected);
  });

  it('says so where it states tokens only, and reports nothing for a stream that was cut', () => {
    const tokens = extractBody(
      { id: 'a', usage: { tokens: usage.tokens } },
      { ...cohere, surface: 'cohere.v2' },
    );
    expect(codes(tokens)).toEqual(['billed_units_missing']);
    expect(used(tokens)).toEqual({ input_uncached: 1683, output_text: 62 });
    expect(events([{ type: 'message-start', id: 'a' }], cohere, 'aborted')).toMatchObject({ source: 'none' });
  });

  it('bills searches of rerank, and text and images of embed', () => {
    const rerank = extractBody({ results: [], meta: { billed_units: { search_units: 2 } } }, cohere);
    expect(rerank.operation).toBe('rerank');
    expect(used(rerank)).toEqual({ rerank_units: 2 });
    const embed = extractBody(
      { embeddings: {}, meta: { billed_units: { input_tokens: 3, image_tokens: 5 } } },
      cohere,
    );
    expect(embed.operation).toBe('embedding');
    expect(used(embed)).toEqual({ input_uncached: 3, input_image: 5 });
  });
});

describe('Ollama', () => {
  const done = {
    model: 'llama3',
    created_at: '2024-05-24T21:01:59.4Z',
    done: true,
    message: { content: '' },
    eval_count: 79,
  };

  it('reads chat and generate, whole and streamed', () => {
    const body = { ...done, prompt_eval_count: 17, prompt_eval_cached_count: 10 };
    const expected = { input_uncached: 7, input_cache_read: 10, output_text: 79 };
    expect(extractBody(body, {})).toMatchObject({
      provider: 'ollama',
      operation: 'chat',
      model: 'llama3',
      createdAt: 1716584519,
    });
    expect(used(extractBody(body, {}))).toEqual(expected);
    expect(used(events([{ model: 'llama3', done: false, message: {} }, body], {}))).toEqual(expected);
    expect(extractBody({ ...body, message: null, response: 'x' }, {}).operation).toBe('completion');
  });

  it('an absent prompt count is unknown, not zero', () => {
    const usage = extractBody(done, {});
    expect(used(usage)).toEqual({ output_text: 79 });
    expect(codes(usage)).toEqual(['input_not_reported']);
  });

  it('D15: a stream without its last line has no usage', () => {
    expect(events([{ model: 'llama3', done: false, message: {} }], {}, 'aborted')).toMatchObject({
      source: 'none',
      segments: [],
    });
  });
});

describe('watsonx', () => {
  it('takes the input of the first and the output of the last event', () => {
    const event = (input: number, output: number, reason: string) => ({
      model_id: 'google/flan-ul2',
      results: [
        { generated_text: '', input_token_count: input, generated_token_count: output, stop_reason: reason },
      ],
    });
    const all = [event(8, 0, 'not_finished'), event(0, 5, 'not_finished'), event(0, 11, 'eos_token')];
    expect(events(all, {})).toMatchObject({
      provider: 'watsonx',
      model: 'google/flan-ul2',
      source: 'reported',
    });
    expect(used(events(all, {}))).toEqual({ input_uncached: 8, output_text: 11 });
    expect(events(all.slice(0, 2), {}, 'aborted').source).toBe('partial');
    expect(used(extractBody(event(7, 2, 'eos_token'), {}))).toEqual({ input_uncached: 7, output_text: 2 });
  });
});

describe('Mistral', () => {
  const mistral = { provider: 'mistral' };

  it('bills OCR by the page, annotated pages apart (from its API description)', () => {
    const body = {
      model: 'mistral-ocr-latest',
      pages: [{}],
      usage_info: { pages_processed: 3, doc_size_bytes: 99 },
    };
    expect(extractBody(body, mistral)).toMatchObject({
      operation: 'ocr',
      convention: expect.stringContaining('unverified'),
    });
    expect(used(extractBody(body, mistral))).toEqual({ pages: 3 });
    const request = { document_annotation_format: { type: 'json_schema' } };
    expect(used(extractBody(body, { ...mistral, request }))).toEqual({ pages_annotated: 3 });
  });

  it('bills transcription by its length, and audio in a chat beside the tokens', () => {
    const usage = { prompt_audio_seconds: 36, prompt_tokens: 13, completion_tokens: 151, total_tokens: 164 };
    expect(used(extractBody({ model: 'voxtral', text: 'a', usage }, mistral))).toEqual({
      audio_seconds_in: 36,
    });
    const chat = { object: 'chat.completion', model: 'voxtral', choices: [], usage };
    expect(used(extractBody(chat, mistral))).toEqual({
      input_uncached: 13,
      output_text: 151,
      audio_seconds_in: 36,
    });
  });
});

describe('plain text generation', () => {
  it('takes counts from details and headers', () => {
    const body = [{ generated_text: 'x', details: { generated_tokens: 75, prefill: [] } }];
    const usage = extractBody(body, { provider: 'huggingface', headers: { 'X-Prompt-Tokens': '16' } });
    expect(used(usage)).toEqual({ input_uncached: 16, output_text: 75 });
  });

  it('reads Aleph Alpha', () => {
    const usage = extractBody(
      { completions: [], num_tokens_prompt_total: 9, num_tokens_generated: 1000 },
      {},
    );
    expect(usage.provider).toBe('alephalpha');
    expect(used(usage)).toEqual({ input_uncached: 9, output_text: 1000 });
  });
});

describe('a cost that a provider states', () => {
  const cost = (fields: string) =>
    extractBody(
      parseJson(
        `{"object":"chat.completion","model":"m","usage":{"prompt_tokens":1,"completion_tokens":1,${fields}}}`,
      ),
      { provider: 'openrouter' },
    ).reportedCost;

  it('D13: with a key of one own is the fee and what the provider charged, otherwise never both', () => {
    const details = '"cost_details":{"upstream_inference_cost":0.0003253}';
    expect(cost(`"cost":0,"is_byok":true,${details}`)?.usd).toBe('0.0003253');
    expect(cost(`"cost":0.00001,"is_byok":true,${details}`)?.usd).toBe('0.0003353');
    expect(cost(`"cost":0.0003253,"is_byok":false,${details}`)).toEqual({
      usd: '0.0003253',
      field: 'usage.cost',
    });
  });
});

describe('contradictions', () => {
  it('D1: xAI may report more cached than input tokens, which are then counted beside it and flagged', () => {
    const body = {
      object: 'chat.completion',
      model: 'grok-4',
      choices: [],
      usage: {
        prompt_tokens: 10,
        completion_tokens: 1,
        total_tokens: 11,
        prompt_tokens_details: { cached_tokens: 30 },
      },
    };
    const usage = extractBody(body, { provider: 'xai' });
    expect(used(usage)).toEqual({ input_uncached: 10, input_cache_read: 30, output_text: 1 });
    expect(codes(usage)).toEqual(['cached_exceeds_input']);
  });

  it('of DeepSeek’s cache counts are flagged', () => {
    const usage = {
      prompt_tokens: 10,
      completion_tokens: 1,
      prompt_cache_hit_tokens: 4,
      prompt_cache_miss_tokens: 9,
    };
    const read = extractBody({ object: 'chat.completion', model: 'deepseek-chat', choices: [], usage }, {});
    expect(used(read)).toEqual({ input_uncached: 6, input_cache_read: 4, output_text: 1 });
    expect(codes(read)).toEqual(['cache_hit_miss_mismatch']);
  });

  it('tool runs that no count holds are flagged', () => {
    const usage = {
      prompt_tokens: 1,
      completion_tokens: 1,
      cost: 0.01,
      server_tool_use_details: { tool_calls_executed: 1 },
    };
    const read = extractBody(
      { object: 'chat.completion', model: 'm', choices: [], usage },
      { provider: 'openrouter' },
    );
    expect(codes(read)).toEqual(['tool_calls_not_counted']);
  });
});

describe('the router of Hugging Face', () => {
  const body = {
    object: 'chat.completion',
    model: 'deepseek-ai/DeepSeek-R1',
    usage: { prompt_tokens: 19, completion_tokens: 29, total_tokens: 48 },
  };
  const provider = (url: string, told?: string) =>
    extractBody(body, { url, ...(told === undefined ? {} : { provider: told }) }).provider;

  it('is the provider behind it, whose price is billed, whoever is named', () => {
    const url = 'https://router.huggingface.co/together/v1/chat/completions';
    expect(provider(url)).toBe('huggingface_together');
    expect(provider(url, 'huggingface')).toBe('huggingface_together');
    expect(provider(url, 'openai-compatible')).toBe('openai-compatible');
    expect(provider('https://router.huggingface.co/v1/chat/completions')).toBe('huggingface');
    expect(provider('https://router.huggingface.co/hf-inference/models/x/v1/chat/completions')).toBe(
      'huggingface',
    );
  });
});
