import { describe, expect, it } from 'vitest';
import { type ExtractHint, extractBody, openStream, readResponseLine } from '../../extract.ts';
import { chunkFrame, converseFrame, frame } from '../../framing/aws-frames.fixture.ts';
import { mergeSegments } from '../../usage/quantities.ts';
import type { ExtractedUsage, Json } from '../../usage/usage.ts';

const bedrock = { provider: 'bedrock' };
const converse = (usage: Json, rest: { [key: string]: Json } = {}) => ({
  output: { message: { role: 'assistant', content: [] } },
  stopReason: 'end_turn',
  usage,
  ...rest,
});
const used = (usage: ExtractedUsage) => mergeSegments(usage.segments);
const codes = (usage: ExtractedUsage) => usage.anomalies.map(({ code }) => code);
const at = (model: string, call: string) =>
  `https://bedrock-runtime.us-east-1.amazonaws.com/model/${encodeURIComponent(model)}/${call}`;

function stream(frames: readonly Uint8Array[], hint: ExtractHint = bedrock) {
  const reader = openStream(hint);
  for (const one of frames) reader.push(one);
  return reader.end('complete');
}

describe('Bedrock Converse', () => {
  const cached = {
    inputTokens: 22,
    outputTokens: 13,
    cacheReadInputTokens: 2492,
    cacheReadInputTokenCount: 2492,
  };

  it('D3: cache stands beside the input, which is never made negative', () => {
    const usage = extractBody(converse({ ...cached, totalTokens: 2527 }), bedrock);
    expect(used(usage)).toEqual({ input_uncached: 22, input_cache_read: 2492, output_text: 13 });
    expect(codes(usage)).toEqual([]);
  });

  it('D9: what the total holds beyond the input is not taken for output', () => {
    const usage = extractBody(converse({ ...cached, totalTokens: 2527 }), bedrock);
    expect(used(usage).output_text).toBe(13);
  });

  it('D1: arithmetic tells a cache inside the input, which is then counted once', () => {
    const inside = {
      inputTokens: 1000,
      outputTokens: 10,
      cacheReadInputTokens: 600,
      cacheWriteInputTokens: 100,
    };
    const expected = { input_uncached: 300, input_cache_read: 600, input_cache_write: 100, output_text: 10 };
    expect(used(extractBody(converse({ ...inside, totalTokens: 1010 }), bedrock))).toEqual(expected);
    const inconsistent = extractBody(converse({ ...inside, totalTokens: 1234 }), bedrock);
    expect(used(inconsistent)).toEqual(expected);
    expect(codes(inconsistent)).toEqual(['cache_inside_input']);
  });

  it('D2: models of OpenAI count the cache twice in the total, and it is counted once all the same', () => {
    const doubled = { inputTokens: 4995, outputTokens: 19, cacheWriteInputTokens: 4993, totalTokens: 10007 };
    const ofOpenai = extractBody(converse(doubled), {
      ...bedrock,
      url: at('us.openai.gpt-5.6-sol', 'converse'),
    });
    expect(used(ofOpenai)).toEqual({ input_uncached: 2, input_cache_write: 4993, output_text: 19 });
    expect(codes(ofOpenai)).toEqual(['cache_inside_input']);
    const ofClaude = extractBody(converse(doubled), {
      ...bedrock,
      requestModel: 'us.anthropic.claude-sonnet-4-5',
    });
    expect(used(ofClaude)).toEqual({ input_uncached: 4995, input_cache_write: 4993, output_text: 19 });
  });

  it('D17: a written hour is an hour, and what is not detailed has the default', () => {
    const details = [
      { ttl: '1h', inputTokens: 100 },
      { ttl: '5m', inputTokens: 30 },
    ];
    const written = (total: number) =>
      used(
        extractBody(
          converse({ inputTokens: 1, outputTokens: 1, cacheWriteInputTokens: total, cacheDetails: details }),
          bedrock,
        ),
      );
    expect(written(130)).toMatchObject({ input_cache_write_1h: 100, input_cache_write_5m: 30 });
    expect(written(130)).not.toHaveProperty('input_cache_write');
    expect(written(150)).toMatchObject({
      input_cache_write_1h: 100,
      input_cache_write_5m: 30,
      input_cache_write: 20,
    });
  });

  it('takes the served tier', () => {
    const tier = (type: string) =>
      extractBody(converse({ inputTokens: 1, outputTokens: 1 }, { serviceTier: { type } }), bedrock).tier;
    expect([tier('default'), tier('flex'), tier('priority'), tier('reserved')]).toEqual([
      'standard',
      'flex',
      'priority',
      'scale',
    ]);
  });

  it('counts the units of a guardrail by policy, and its nested usage is no usage of tokens', () => {
    const units = (content: number) => ({
      invocationMetrics: {
        usage: {
          contentPolicyUnits: content,
          sensitiveInformationPolicyUnits: 1,
          wordPolicyUnits: 1,
          topicPolicyUnits: 0,
          sensitiveInformationPolicyFreeUnits: 3,
        },
      },
    });
    const trace = { guardrail: { inputAssessment: { g: units(1) }, outputAssessments: { g: [units(2)] } } };
    expect(
      used(extractBody(converse({ inputTokens: 28, outputTokens: 26, totalTokens: 54 }, { trace }), bedrock)),
    ).toEqual({
      input_uncached: 28,
      output_text: 26,
      guardrail_content_units: 3,
      guardrail_sensitive_units: 2,
    });
  });
});

describe('binary streams of Bedrock', () => {
  const metadata = { usage: { inputTokens: 9, outputTokens: 4, totalTokens: 13 }, metrics: { latencyMs: 5 } };
  const frames = [
    converseFrame('messageStart', { role: 'assistant' }),
    converseFrame('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'ü' } }),
    converseFrame('messageStop', { stopReason: 'end_turn' }),
    converseFrame('metadata', metadata),
  ];

  it('read the usage of their last event, in any split and as events of JSON', () => {
    const whole = stream(frames);
    expect(used(whole)).toEqual({ input_uncached: 9, output_text: 4 });
    expect(whole.source).toBe('reported');
    expect(stream(frames.flatMap((one) => Array.from(one, (byte) => Uint8Array.of(byte))))).toEqual(whole);
    const reader = openStream(bedrock);
    for (const event of [{ messageStart: { role: 'assistant' } }, { metadata }]) reader.pushEvent(event);
    expect(reader.end('complete')).toEqual(whole);
  });

  it('D15: that were cut or damaged have no usage, and say so', () => {
    expect(stream(frames.slice(0, 3))).toMatchObject({ source: 'none', segments: [] });
    const damaged = frames.map((one) => one.slice());
    damaged[3]?.fill(1, 40, 60);
    expect(stream(damaged)).toMatchObject({ source: 'none', segments: [] });
  });

  it('say what failed', () => {
    const failure = frame(
      { ':message-type': 'exception', ':exception-type': 'throttlingException' },
      '{"message":"slow"}',
    );
    expect(stream([failure]).source).toBe('none');
  });

  it('of invoked models hold the events of the vendor', () => {
    const usage = stream([
      chunkFrame({
        type: 'message_start',
        message: { id: 'm', model: 'claude-x', usage: { input_tokens: 16, output_tokens: 1 } },
      }),
      chunkFrame({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 21 } }),
      chunkFrame({
        type: 'message_stop',
        'amazon-bedrock-invocationMetrics': { inputTokenCount: 16, outputTokenCount: 21 },
      }),
    ]);
    expect(used(usage)).toEqual({ input_uncached: 16, output_text: 21 });
  });

  it('end with the metrics of the invocation, which count where the vendor does not', () => {
    const usage = stream([
      chunkFrame({ outputText: 'a', index: 0, inputTextTokenCount: 28 }),
      chunkFrame({
        outputText: 'b',
        index: 0,
        'amazon-bedrock-invocationMetrics': { inputTokenCount: 28, outputTokenCount: 188 },
      }),
    ]);
    expect(used(usage)).toEqual({ input_uncached: 28, output_text: 188 });
  });

  it('are read from lines as base64', () => {
    const base64 = Buffer.concat(frames).toString('base64');
    const line = {
      id: 'a',
      provider: 'bedrock',
      url: at('amazon.nova-lite-v1:0', 'converse-stream'),
      format: 'eventstream',
      stream_base64: base64,
    };
    expect(readResponseLine(line, 0)).toMatchObject({
      model: 'amazon.nova-lite-v1:0',
      usage: { source: 'reported' },
    });
    expect(() => readResponseLine({ ...line, stream_base64: '*' }, 0)).toThrow(/stream_base64/);
  });
});

describe('models invoked on Bedrock', () => {
  const headers = { 'X-Amzn-Bedrock-Input-Token-Count': '18', 'x-amzn-bedrock-output-token-count': '87' };
  const invoked = (body: Json, hint: ExtractHint = {}) =>
    extractBody(body, { ...bedrock, surface: 'invoke', requestModel: 'm', ...hint });

  it('have forms of their own', () => {
    expect(
      used(invoked({ inputTextTokenCount: 28, results: [{ tokenCount: 190 }, { tokenCount: 7 }] })),
    ).toEqual({
      input_uncached: 28,
      output_text: 197,
    });
    expect(used(invoked({ inputTextTokenCount: 6.0, totalOutputTextTokenCount: 3.0 }))).toEqual({
      input_uncached: 6,
      output_text: 3,
    });
    expect(used(invoked({ generation: 'x', prompt_token_count: 158, generation_token_count: 128 }))).toEqual({
      input_uncached: 158,
      output_text: 128,
    });
    expect(invoked({ embedding: [0.1], inputTextTokenCount: 4 })).toMatchObject({ operation: 'embedding' });
  });

  it('are counted by the headers where the body says nothing', () => {
    for (const body of [
      { type: 'completion', completion: 'x' },
      { id: 1, completions: [] },
      { id: 'a', generations: [] },
    ]) {
      expect(used(invoked(body, { headers }))).toEqual({ input_uncached: 18, output_text: 87 });
    }
  });

  it('say that a guardrail blocked the input, which AWS does not bill', () => {
    const body = (rest: { [key: string]: Json }) => ({
      inputTextTokenCount: 6,
      totalOutputTextTokenCount: 3,
      'amazon-bedrock-trace': { guardrail: { actionReason: 'Guardrail blocked.', input: {}, ...rest } },
    });
    expect(codes(invoked(body({})))).toEqual(['guardrail_blocked_input']);
    expect(codes(invoked(body({ outputs: [{}] })))).toEqual([]);
  });

  it('are completed by the headers where a guardrail cut the body, and never counted twice', () => {
    const cut = invoked(converse({ inputTokens: 18 }), { headers });
    expect(used(cut)).toEqual({ input_uncached: 18, output_text: 87 });
    const whole = invoked({ inputTextTokenCount: 5, results: [{ tokenCount: 6 }] }, { headers });
    expect(used(whole)).toEqual({ input_uncached: 5, output_text: 6 });
  });
});

describe('the region of a model on Bedrock', () => {
  const usage = converse({ inputTokens: 10, outputTokens: 5, totalTokens: 15 });
  const region = (host: string) =>
    extractBody(usage, { url: `https://${host}/model/minimax.minimax-m2.5/converse` }).region;

  it('is that of the endpoint, since some models cost more in some regions', () => {
    expect(region('bedrock-runtime.eu-west-2.amazonaws.com')).toBe('eu-west-2');
    expect(region('bedrock-runtime.us-gov-west-1.amazonaws.com')).toBe('us-gov-west-1');
    expect(region('bedrock-runtime.cn-north-1.amazonaws.com.cn')).toBe('cn-north-1');
    expect(
      extractBody(usage, { provider: 'bedrock', url: 'https://proxy.example/eu-west-2/converse' }).region,
    ).toBeNull();
    expect(extractBody(usage, bedrock).region).toBeNull();
  });
});
