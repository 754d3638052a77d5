import { describe, expect, it } from 'vitest';
import { extractBody, extractUsage, openStream } from '../../extract.ts';
import { mergeSegments, tokenTotals } from '../../usage/quantities.ts';
import type { ExtractedUsage, Json } from '../../usage/usage.ts';

const google = { provider: 'google' };
const answer = (usageMetadata: Json, rest: { [key: string]: Json } = {}) => ({
  candidates: [{ content: { parts: [{ text: 'a' }] }, finishReason: 'STOP' }],
  usageMetadata,
  modelVersion: 'gemini-2.5-flash',
  responseId: 'r1',
  ...rest,
});
const used = (usage: ExtractedUsage) => mergeSegments(usage.segments);
const codes = (usage: ExtractedUsage) => usage.anomalies.map(({ code }) => code);

function stream(events: readonly Json[], hint = google, reason: 'complete' | 'aborted' = 'complete') {
  const reader = openStream(hint);
  for (const event of events) reader.push(`data: ${JSON.stringify(event)}\r\n\r\n`);
  return reader.end(reason);
}

describe('Gemini generateContent', () => {
  it('D5: thoughts and prompts of tools are billed beside the counts, cached is not billed twice', () => {
    const usage = extractBody(
      answer({
        promptTokenCount: 100,
        cachedContentTokenCount: 40,
        candidatesTokenCount: 7,
        thoughtsTokenCount: 20,
        toolUsePromptTokenCount: 30,
        totalTokenCount: 157,
      }),
      google,
    );
    expect(used(usage)).toEqual({
      input_uncached: 60,
      input_cache_read: 40,
      input_tool_prompt: 30,
      output_text: 7,
      output_reasoning: 20,
    });
    expect(usage.segments[0]?.contextTokens).toBe(130);
    expect(codes(usage)).toEqual([]);
  });

  it('cuts input and cache by modality; what is listed nowhere is text', () => {
    const usage = extractBody(
      answer({
        promptTokenCount: 3297,
        promptTokensDetails: [
          { modality: 'TEXT', tokenCount: 83 },
          { modality: 'VIDEO', tokenCount: 2893 },
          { modality: 'AUDIO', tokenCount: 300 },
        ],
        cachedContentTokenCount: 2918,
        cacheTokensDetails: [
          { modality: 'AUDIO', tokenCount: 284 },
          { modality: 'TEXT', tokenCount: 73 },
          { modality: 'VIDEO', tokenCount: 2561 },
        ],
        candidatesTokenCount: 1317,
        candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 1290 }],
        totalTokenCount: 4614,
      }),
      google,
    );
    expect(used(usage)).toEqual({
      input_uncached: 31,
      input_cache_read: 73,
      input_audio: 16,
      input_audio_cache_read: 284,
      input_video: 332,
      input_video_cache_read: 2561,
      output_text: 27,
      output_image: 1290,
    });
  });

  it('takes the served tier from the traffic type or the service tier', () => {
    const tier = (fields: { [key: string]: Json }) =>
      extractBody(answer({ promptTokenCount: 1, totalTokenCount: 1, ...fields }), google).tier;
    expect(tier({ trafficType: 'ON_DEMAND' })).toBe('standard');
    expect(tier({ trafficType: 'ON_DEMAND_FLEX' })).toBe('flex');
    expect(tier({ trafficType: 'ON_DEMAND_PRIORITY' })).toBe('priority');
    expect(tier({ trafficType: 'PROVISIONED_THROUGHPUT' })).toBe('scale');
    expect(tier({ serviceTier: 'priority' })).toBe('priority');
    expect(tier({ serviceTier: 'SERVICE_TIER_FLEX' })).toBe('flex');
    expect(tier({})).toBeNull();
  });

  it('D16: grounding is billed by query from Gemini 3 on, before by request, and never when only declared', () => {
    const searches = (model: string, groundingMetadata: Json) =>
      used(
        extractBody(
          {
            ...answer({ promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 }),
            modelVersion: model,
            candidates: [{ finishReason: 'STOP', groundingMetadata }],
          },
          google,
        ),
      ).web_searches;
    const grounded = { webSearchQueries: ['a', 'b', 'b', ' '], groundingChunks: [{ web: { uri: 'x' } }] };
    expect(searches('gemini-3-pro-preview', grounded)).toBe(2);
    expect(searches('gemini-2.5-flash', grounded)).toBe(1);
    expect(searches('gemini-2.5-flash', {})).toBeUndefined();
    expect(searches('gemini-2.5-flash', { groundingChunks: [{ retrievedContext: {} }] })).toBeUndefined();
  });

  it('D16: grounding in Google Maps is billed as such, and no search is made of it', () => {
    const uses = (model: string, groundingMetadata: Json) => {
      const body = {
        ...answer({ promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 }),
        modelVersion: model,
        candidates: [{ finishReason: 'STOP', groundingMetadata }],
      };
      const { web_searches, maps_searches } = used(extractBody(body, google));
      return [web_searches, maps_searches];
    };
    const maps = { groundingChunks: [{ maps: { uri: 'x' } }, { maps: { uri: 'y' } }] };
    expect(uses('gemini-2.5-flash', maps)).toEqual([undefined, 1]);
    expect(uses('gemini-3-flash-preview', { ...maps, webSearchQueries: ['a', 'b'] })).toEqual([undefined, 2]);
    expect(uses('gemini-2.5-flash', { googleMapsWidgetContextToken: 'x' })).toEqual([undefined, 1]);
    const both = {
      groundingChunks: [{ maps: { uri: 'x' } }, { web: { uri: 'y' } }],
      webSearchQueries: ['a', 'b'],
    };
    expect(uses('gemini-3-flash-preview', both)).toEqual([2, 1]);
  });

  it('keeps the counts and flags a total that disagrees', () => {
    const usage = extractBody(
      answer({ promptTokenCount: 3, candidatesTokenCount: 4, totalTokenCount: 9 }),
      google,
    );
    expect(codes(usage)).toEqual(['total_mismatch']);
    expect(used(usage)).toEqual({ input_uncached: 3, output_text: 4 });
  });

  it('reads the names of the Python client, a bare usage object and a line of a batch', () => {
    const snake = { prompt_token_count: 3, candidates_token_count: 4, total_token_count: 7 };
    expect(
      used(extractBody({ candidates: [], usage_metadata: snake, model_version: 'gemini-2.5-flash' }, {})),
    ).toEqual({
      input_uncached: 3,
      output_text: 4,
    });
    const bare = { promptTokenCount: 3, candidatesTokenCount: 4, totalTokenCount: 7 };
    expect(extractUsage(bare, {})).toMatchObject({ provider: 'google', source: 'reported' });
    expect(extractBody({ key: 'a', response: answer(bare) }, google)).toMatchObject({
      tier: 'batch',
      source: 'reported',
    });
  });

  it('takes the model and the region from the URL where only that names them', () => {
    const url =
      'https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1/publishers/google/models/gemini-embedding-001:predict';
    const body = { predictions: [{ embeddings: { statistics: { token_count: 5 }, values: [1] } }] };
    expect(extractBody(body, { url })).toMatchObject({
      provider: 'vertex',
      model: 'gemini-embedding-001',
      region: 'regional',
      operation: 'embedding',
      segments: [{ quantities: { input_uncached: 5 } }],
    });
  });
});

describe('streams of Gemini', () => {
  const chunk = (usageMetadata: Json, finished = false) => ({
    candidates: [{ content: {}, ...(finished ? { finishReason: 'STOP' } : {}) }],
    usageMetadata,
    modelVersion: 'gemini-2.5-flash',
  });

  it('D7: the last total is the bill, though counts fell in between', () => {
    const usage = stream([
      chunk({ promptTokenCount: 50, candidatesTokenCount: 900, totalTokenCount: 950 }),
      chunk({ promptTokenCount: 40, candidatesTokenCount: 10, totalTokenCount: 50 }),
      chunk({ promptTokenCount: 90, candidatesTokenCount: 300, totalTokenCount: 390 }, true),
    ]);
    expect(used(usage)).toEqual({ input_uncached: 90, output_text: 300 });
  });

  it('a chunk that only names the traffic type takes nothing back', () => {
    const usage = stream([
      chunk({ promptTokenCount: 9, candidatesTokenCount: 1, totalTokenCount: 10 }),
      chunk({ trafficType: 'ON_DEMAND_PRIORITY' }, true),
    ]);
    expect(used(usage)).toEqual({ input_uncached: 9, output_text: 1 });
    expect(usage.tier).toBe('priority');
  });

  it('fills in what the last chunk leaves out only where that makes its total', () => {
    const first = chunk({ promptTokenCount: 87, candidatesTokenCount: 12, totalTokenCount: 99 });
    const filled = stream([
      first,
      chunk({ promptTokenCount: 87, thoughtsTokenCount: 78, totalTokenCount: 177 }, true),
    ]);
    expect(used(filled)).toEqual({ input_uncached: 87, output_text: 12, output_reasoning: 78 });
    const whole = stream([
      first,
      chunk({ promptTokenCount: 87, thoughtsTokenCount: 78, totalTokenCount: 165 }, true),
    ]);
    expect(used(whole)).toEqual({ input_uncached: 87, output_reasoning: 78 });
    expect([...codes(filled), ...codes(whole)]).toEqual([]);
  });

  it('without server-sent events is a list of the same chunks', () => {
    const chunks = [
      chunk({ promptTokenCount: 9, totalTokenCount: 9 }),
      chunk({ promptTokenCount: 9, candidatesTokenCount: 2, totalTokenCount: 11 }, true),
    ];
    const reader = openStream(google);
    reader.push(JSON.stringify(chunks, null, 1));
    expect(reader.end('complete')).toEqual(stream(chunks));
    expect(extractBody(chunks, google)).toEqual(stream(chunks));
  });

  it('D15: a stream that was cut keeps what had arrived, and says that it is partial', () => {
    const usage = stream(
      [chunk({ promptTokenCount: 9, candidatesTokenCount: 2, totalTokenCount: 11 })],
      google,
      'aborted',
    );
    expect(usage.source).toBe('partial');
    expect(tokenTotals(used(usage))).toMatchObject({ input: 9, output: 2 });
  });
});

describe('other interfaces of Gemini', () => {
  it('Live sums its turns, adds thoughts that the total leaves out, and believes the counts', () => {
    const turn = (prompt: number, thoughts: number) => ({
      serverContent: {},
      usageMetadata: {
        promptTokenCount: prompt,
        responseTokenCount: 20,
        thoughtsTokenCount: thoughts,
        totalTokenCount: prompt + 20,
        promptTokensDetails: [
          { modality: 'TEXT', tokenCount: 535 },
          { modality: 'AUDIO', tokenCount: prompt },
        ],
        responseTokensDetails: [{ modality: 'AUDIO', tokenCount: 20 }],
      },
    });
    const reader = openStream(google);
    for (const event of [{ setupComplete: {} }, turn(50, 5), turn(25, 0)]) reader.pushEvent(event);
    const usage = reader.end('complete');
    expect(used(usage)).toEqual({
      input_uncached: 0,
      input_audio: 75,
      output_text: 0,
      output_audio: 40,
      output_reasoning: 5,
    });
    expect(usage).toMatchObject({ operation: 'realtime', source: 'reported' });
    expect(codes(usage)).toEqual(['modalities_exceed_total']);
  });

  it('Interactions count thoughts and tool use beside input and output', () => {
    const body = {
      object: 'interaction',
      id: 'v1_x',
      model: 'gemini-3-pro-preview',
      service_tier: 'flex',
      created: '2026-05-15T18:51:55Z',
      steps: [{ type: 'google_search_call', arguments: { queries: ['a', 'b'] } }],
      usage: {
        total_tokens: 1983,
        total_input_tokens: 22,
        total_cached_tokens: 10,
        total_output_tokens: 590,
        total_tool_use_tokens: 198,
        total_thought_tokens: 1173,
      },
    };
    const usage = extractBody(body, {});
    expect(usage).toMatchObject({ provider: 'google', tier: 'flex', createdAt: 1778871115 });
    expect(used(usage)).toEqual({
      input_uncached: 12,
      input_cache_read: 10,
      input_tool_prompt: 198,
      output_text: 590,
      output_reasoning: 1173,
      web_searches: 2,
    });
  });

  it('the OpenAI-compatible endpoint hides thinking in the total', () => {
    const body = {
      object: 'chat.completion',
      model: 'gemini-2.5-pro',
      choices: [],
      usage: { prompt_tokens: 35, completion_tokens: 12, total_tokens: 109 },
    };
    expect(used(extractBody(body, google))).toEqual({
      input_uncached: 35,
      output_text: 12,
      output_reasoning: 62,
    });
  });
});
