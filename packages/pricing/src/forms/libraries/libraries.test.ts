import { describe, expect, it } from 'vitest';
import { extractBody, extractUsage } from '../../extract.ts';
import { mergeSegments } from '../../usage/quantities.ts';
import type { ExtractedUsage, Json } from '../../usage/usage.ts';

const used = (usage: ExtractedUsage) => mergeSegments(usage.segments);
const codes = (usage: ExtractedUsage) => usage.anomalies.map(({ code }) => code);
const bare = (usage: Json, provider = 'openai') => extractUsage(usage, { provider });

describe('usage of the Vercel AI SDK', () => {
  it('version 6: details are inside their totals', () => {
    const usage = {
      inputTokens: 100,
      inputTokenDetails: { noCacheTokens: 30, cacheReadTokens: 60, cacheWriteTokens: 10 },
      outputTokens: 50,
      outputTokenDetails: { textTokens: 20, reasoningTokens: 30 },
      totalTokens: 150,
      cachedInputTokens: 60,
      reasoningTokens: 30,
    };
    const expected = {
      input_uncached: 30,
      input_cache_read: 60,
      input_cache_write: 10,
      output_text: 20,
      output_reasoning: 30,
    };
    expect(used(bare(usage, 'anthropic'))).toEqual(expected);
    expect(codes(bare(usage, 'anthropic'))).toEqual([]);
  });

  it('of its provider packages: objects with totals', () => {
    const usage = {
      inputTokens: { total: 100, noCache: 40, cacheRead: 60, cacheWrite: null },
      outputTokens: { total: 50, text: 20, reasoning: 30 },
    };
    expect(used(bare(usage))).toEqual({
      input_uncached: 40,
      input_cache_read: 60,
      output_text: 20,
      output_reasoning: 30,
    });
  });

  it('version 6: what the provider itself said is better than what was made of it', () => {
    const raw = {
      input_tokens: 3,
      output_tokens: 4,
      cache_creation_input_tokens: 9,
      cache_creation: { ephemeral_1h_input_tokens: 9 },
    };
    const result = {
      finishReason: 'stop',
      response: { id: 'msg_1', modelId: 'claude-sonnet-4-5', timestamp: '2026-01-01T00:00:00.000Z' },
      usage: {
        inputTokens: 12,
        inputTokenDetails: { cacheWriteTokens: 9 },
        outputTokens: 4,
        totalTokens: 16,
        raw,
      },
    };
    const usage = extractBody(result, { provider: 'anthropic' });
    expect(usage).toMatchObject({
      model: 'claude-sonnet-4-5',
      responseId: 'msg_1',
      createdAt: 1767225600,
      rawUsage: raw,
    });
    expect(used(usage)).toMatchObject({ input_uncached: 3, input_cache_write_1h: 9, output_text: 4 });
  });

  it('version 5: cache is inside for most, beside for Anthropic and Bedrock, which is flagged', () => {
    const usage = { inputTokens: 100, outputTokens: 50, totalTokens: 150, cachedInputTokens: 60 };
    expect(used(bare(usage))).toEqual({ input_uncached: 40, input_cache_read: 60, output_text: 50 });
    const beside = bare(usage, 'anthropic');
    expect(used(beside)).toEqual({ input_uncached: 100, input_cache_read: 60, output_text: 50 });
    expect(codes(beside)).toEqual(['cache_convention_assumed']);
    const metadata = { anthropic: { cacheCreationInputTokens: 7 } };
    const result = extractBody(
      { finishReason: 'stop', usage, providerMetadata: metadata },
      { provider: 'anthropic' },
    );
    expect(used(result)).toMatchObject({ input_cache_read: 60, input_cache_write: 7 });
  });

  it('D5, D6: version 5 has reasoning inside the output, or beside it where the total says so', () => {
    const inside = { inputTokens: 10, outputTokens: 50, totalTokens: 60, reasoningTokens: 30 };
    expect(used(bare(inside))).toEqual({ input_uncached: 10, output_text: 20, output_reasoning: 30 });
    expect(used(bare({ ...inside, totalTokens: 90 }, 'google'))).toEqual({
      input_uncached: 10,
      output_text: 50,
      output_reasoning: 30,
    });
  });

  it('version 4: prompt and completion', () => {
    expect(used(bare({ promptTokens: 10, completionTokens: 5, totalTokens: 15 }))).toEqual({
      input_uncached: 10,
      output_text: 5,
    });
  });

  it('embeddings count their tokens without a side', () => {
    const result = { value: 'x', embedding: [0.1], usage: { tokens: 12 } };
    const read = extractBody(result, { provider: 'openai', requestModel: 'text-embedding-3-small' });
    expect(read).toMatchObject({ operation: 'embedding', source: 'reported' });
    expect(used(read)).toEqual({ input_uncached: 12 });
  });

  it('D2: of a call in several steps the sum counts, and the last step is not added to it', () => {
    const last = { inputTokens: 10, outputTokens: 5, totalTokens: 15 };
    const totalUsage = { inputTokens: 30, outputTokens: 12, totalTokens: 42 };
    const result = extractBody(
      { finishReason: 'stop', usage: last, totalUsage, steps: [{}, {}] },
      { provider: 'openai' },
    );
    expect(used(result)).toEqual({ input_uncached: 30, output_text: 12 });
  });
});

describe('D14: a result of the AI SDK and its steps', () => {
  const step = (modelId: string, inputTokens: number, outputTokens: number) => ({
    finishReason: 'stop',
    response: { id: `resp_${inputTokens}`, modelId },
    usage: { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens },
  });
  const first = step('gpt-4o', 150_000, 5);
  const last = step('gpt-4o', 160_000, 7);
  const totalUsage = { inputTokens: 310_000, outputTokens: 12, totalTokens: 310_012 };

  it('is billed once: step by step, neither the last step nor the total on top', () => {
    const read = extractBody({ ...last, totalUsage, steps: [first, last] }, { provider: 'openai' });
    expect(used(read)).toEqual({ input_uncached: 310_000, output_text: 12 });
    expect(read.segments.map(({ contextTokens }) => contextTokens)).toEqual([150_000, 160_000]);
    expect(read).toMatchObject({ model: 'gpt-4o', responseId: 'resp_160000', anomalies: [] });
  });

  it('in version 4, whose usage is the sum', () => {
    const old = (promptTokens: number, completionTokens: number) => ({
      finishReason: 'stop',
      usage: { promptTokens, completionTokens, totalTokens: promptTokens + completionTokens },
    });
    const read = extractBody({ ...old(30, 12), steps: [old(10, 5), old(20, 7)] }, { provider: 'openai' });
    expect(used(read)).toEqual({ input_uncached: 30, output_text: 12 });
    expect(read.anomalies).toEqual([]);
  });

  it('bills each step at the model that ran it, from what its provider said', () => {
    const raw = { input_tokens: 3, output_tokens: 4, cache_read_input_tokens: 9 };
    const other = { ...step('claude-haiku-4-5', 12, 4) };
    const steps = [{ ...other, usage: { ...other.usage, raw } }, { ...step('claude-opus-4-5', 20, 6) }];
    const read = extractBody(
      { ...step('claude-opus-4-5', 20, 6), totalUsage: { inputTokens: 32, outputTokens: 10 }, steps },
      { provider: 'anthropic' },
    );
    expect(read.segments).toMatchObject([
      { model: 'claude-haiku-4-5', quantities: { input_uncached: 3, input_cache_read: 9, output_text: 4 } },
      { model: null, quantities: { input_uncached: 20, output_text: 6 } },
    ]);
  });

  it('flags a total that is not the sum of its steps, and counts the steps', () => {
    const wrong = { inputTokens: 310_001, outputTokens: 12 };
    const read = extractBody({ ...last, totalUsage: wrong, steps: [first, last] }, { provider: 'openai' });
    expect(used(read)).toEqual({ input_uncached: 310_000, output_text: 12 });
    expect(codes(read)).toEqual(['steps_total_mismatch']);
  });

  it('takes the total where a step does not say what it used, at the context of the last call', () => {
    const steps = [{ finishReason: 'tool-calls' }, last];
    const read = extractBody({ ...last, totalUsage, steps }, { provider: 'openai' });
    expect(used(read)).toEqual({ input_uncached: 310_000, output_text: 12 });
    expect(read.segments.map(({ contextTokens }) => contextTokens)).toEqual([160_000]);
  });
});

describe('usage of LangChain', () => {
  const message = (usage_metadata: Json) => ({
    usage_metadata,
    response_metadata: { model_name: 'claude-sonnet-4-5' },
  });

  it('has details inside its totals', () => {
    const usage = {
      input_tokens: 350,
      output_tokens: 240,
      total_tokens: 590,
      input_token_details: { audio: 10, cache_creation: 200, cache_read: 100 },
      output_token_details: { audio: 10, reasoning: 200 },
    };
    const expected = {
      input_uncached: 40,
      input_audio: 10,
      input_cache_read: 100,
      input_cache_write: 200,
      output_text: 30,
      output_audio: 10,
      output_reasoning: 200,
    };
    expect(used(bare(usage, 'anthropic'))).toEqual(expected);
    const read = extractBody(message(usage), { provider: 'anthropic' });
    expect(read.model).toBe('claude-sonnet-4-5');
    expect(used(read)).toEqual(expected);
    const serialised = { lc: 1, type: 'constructor', kwargs: message(usage) };
    expect(used(extractBody(serialised, { provider: 'anthropic' }))).toEqual(expected);
  });

  it('D17: keeps the hour apart, with or without the total of writes', () => {
    const written = (cache_creation: number) =>
      used(
        bare({
          input_tokens: 100,
          output_tokens: 1,
          input_token_details: {
            cache_creation,
            ephemeral_5m_input_tokens: 20,
            ephemeral_1h_input_tokens: 30,
          },
        }),
      );
    expect(written(0)).toMatchObject({
      input_uncached: 50,
      input_cache_write_5m: 20,
      input_cache_write_1h: 30,
    });
    expect(written(50)).toEqual(written(0));
    expect(written(60)).toMatchObject({ input_uncached: 40, input_cache_write: 10 });
  });
});

describe('D14: a call of LangChain and the runs around it', () => {
  const usage_metadata = { input_tokens: 10, output_tokens: 5, total_tokens: 15 };
  const message = (model_name: string) => ({ kwargs: { usage_metadata, response_metadata: { model_name } } });
  const token_usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
  const result = (model: string) => ({
    generations: [[{ text: 'hi', message: message(model) }]],
    llm_output: { token_usage, model_name: model },
  });
  const sums = { prompt_tokens: 20, completion_tokens: 10, total_tokens: 30 };
  const llm = (model: string) => ({ id: model, run_type: 'llm', ...sums, outputs: result(model) });
  const read = (body: Json) => extractBody(body, { provider: 'openai' });

  it('is billed once though the result repeats it', () => {
    expect(used(read(result('gpt-4o')))).toEqual({ input_uncached: 10, output_text: 5 });
    expect(read(result('gpt-4o')).model).toBe('gpt-4o');
  });

  it('is billed once though each of several answers repeats it, and once per prompt', () => {
    const answer = { text: 'hi', message: message('gpt-4o') };
    expect(used(read({ generations: [[answer, answer]] }))).toEqual({ input_uncached: 10, output_text: 5 });
    expect(used(read({ generations: [[answer], [answer]] }))).toEqual({
      input_uncached: 20,
      output_text: 10,
    });
  });

  it('is read from the result where its message does not say it', () => {
    const silent = { generations: [[{ text: 'hi' }]], llm_output: { token_usage, model_name: 'gpt-4o' } };
    expect(used(read(silent))).toEqual({ input_uncached: 10, output_text: 5 });
    const camel = { promptTokens: 10, completionTokens: 5, totalTokens: 15 };
    expect(used(read({ generations: [[]], llmOutput: { tokenUsage: camel } }))).toEqual({
      input_uncached: 10,
      output_text: 5,
    });
  });

  it('is billed in the innermost run, at its own model, and never in the runs that sum it up', () => {
    const inner = { id: 'b', run_type: 'chain', ...sums, child_runs: [llm('gpt-4o-mini')] };
    const wrapped = { ...llm('gpt-4o'), child_runs: [llm('gpt-4o')] };
    const tree = { id: 'a', run_type: 'chain', ...sums, outputs: {}, child_runs: [wrapped, inner] };
    const usage = read(tree);
    expect(usage).toMatchObject({ model: 'gpt-4o', responseId: 'a', anomalies: [] });
    expect(usage.segments.map(({ model, quantities }) => [model, quantities])).toEqual([
      [null, { input_uncached: 10, output_text: 5 }],
      ['gpt-4o-mini', { input_uncached: 10, output_text: 5 }],
    ]);
  });

  it('a run that only sums up what is not there is not billed, and says so', () => {
    const usage = read({ id: 'a', run_type: 'chain', ...sums, outputs: {} });
    expect(usage).toMatchObject({ source: 'none', segments: [] });
    expect(codes(usage)).toEqual(['aggregate_without_calls']);
  });

  it('a tree without end is read without harm', () => {
    let run: Json = llm('gpt-4o');
    for (let depth = 0; depth < 500; depth++) run = { id: `${depth}`, run_type: 'chain', child_runs: [run] };
    expect(read(run).source).toBe('none');
  });
});
