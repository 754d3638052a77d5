import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeProvider, startFakeProvider } from './index.ts';

let provider: FakeProvider;
let openai: OpenAI;
let anthropic: Anthropic;

beforeAll(async () => {
  provider = await startFakeProvider();
  openai = new OpenAI({ baseURL: provider.openaiUrl, apiKey: 'any', maxRetries: 0, logLevel: 'off' });
  anthropic = new Anthropic({ baseURL: provider.url, apiKey: 'any', maxRetries: 0, logLevel: 'off' });
});
afterAll(() => provider.close());

const messages = [{ role: 'user' as const, content: 'Say something about ledgers.' }];
const weather = {
  type: 'object' as const,
  properties: { city: { type: 'string' }, days: { type: 'integer' } },
  required: ['city'],
};

async function post(path: string, body: unknown): Promise<Response> {
  return fetch(provider.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

describe('the openai package is satisfied', () => {
  test('by a chat completion', async () => {
    const chat = await openai.chat.completions.create({ model: 'gpt-4o-mini', messages });
    expect(chat.choices[0]?.message.content?.length).toBeGreaterThan(20);
    expect(chat.usage?.total_tokens).toBe(
      (chat.usage?.prompt_tokens ?? 0) + (chat.usage?.completion_tokens ?? 0),
    );
  });

  test('by a chat stream that carries usage only where it was asked for, with the JSON answer’s text and counts', async () => {
    const whole = await openai.chat.completions.create({ model: 'gpt-4o-mini', messages });
    const stream = openai.chat.completions.stream({
      model: 'gpt-4o-mini',
      messages,
      stream_options: { include_usage: true },
    });
    const final = await stream.finalChatCompletion();
    expect(final.choices[0]?.finish_reason).toBe('stop');
    expect(final.usage?.prompt_tokens).toBe(whole.usage?.prompt_tokens);
    const bare = await (
      await post('/v1/chat/completions', { model: 'gpt-4o-mini', messages, stream: true })
    ).text();
    expect(bare).not.toContain('usage');
    expect(bare.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  test('by a tool loop that ends', async () => {
    const calls: unknown[] = [];
    const run = openai.chat.completions.runTools({
      model: 'gpt-4o-mini',
      messages,
      tools: [
        {
          type: 'function',
          function: {
            name: 'weather',
            description: 'Weather of a city',
            parameters: weather,
            parse: JSON.parse,
            function: (args: unknown) => {
              calls.push(args);
              return 'sunny';
            },
          },
        },
      ],
    });
    expect((await run.finalContent())?.length).toBeGreaterThan(20);
    expect(calls).toEqual([{ city: 'sample', days: 3 }]);
  });

  test('by responses: whole, streamed, cut at the cap, with hosted tools', async () => {
    const input = 'Say something about ledgers.';
    const whole = await openai.responses.create({
      model: 'gpt-5-mini',
      input,
      tools: [{ type: 'web_search' }],
    });
    expect(whole.output.map((item) => item.type)).toEqual(['web_search_call', 'message']);
    const streamed = await openai.responses.stream({ model: 'gpt-5-mini', input }).finalResponse();
    expect(streamed.output_text.length).toBeGreaterThan(20);
    const cut = await openai.responses.create({ model: 'gpt-4o', input, max_output_tokens: 5 });
    expect([cut.status, cut.incomplete_details?.reason]).toEqual(['incomplete', 'max_output_tokens']);
    const call = await openai.responses
      .stream({
        model: 'gpt-4o',
        input,
        tools: [{ type: 'function', name: 'weather', parameters: weather, strict: false }],
      })
      .finalResponse();
    expect(call.output[0]).toMatchObject({ type: 'function_call', name: 'weather' });
  });

  test('by embeddings in both encodings, which agree', async () => {
    const model = 'text-embedding-3-small';
    const asBase64 = await openai.embeddings.create({ model, input: ['one', 'two'], dimensions: 8 });
    const asFloats = await openai.embeddings.create({
      model,
      input: ['one', 'two'],
      dimensions: 8,
      encoding_format: 'float',
    });
    expect(asBase64.data[1]?.embedding).toHaveLength(8);
    expect(asBase64.data).toEqual(asFloats.data);
  });

  test('by the list of models', async () => {
    const page = await openai.models.list();
    expect(page.data.length).toBeGreaterThan(3);
  });
});

describe('the @anthropic-ai/sdk package is satisfied', () => {
  const base = { model: 'claude-sonnet-4-6', max_tokens: 500, messages };

  test('by messages, whole and streamed, with the same text', async () => {
    const whole = await anthropic.messages.create(base);
    expect(whole.stop_reason).toBe('end_turn');
    const final = await anthropic.messages.stream(base).finalMessage();
    expect(final.usage.input_tokens).toBe(whole.usage.input_tokens);
    expect(final.content[0]?.type).toBe('text');
  });

  test('by a tool call with its input streamed', async () => {
    const tools = [{ name: 'weather', input_schema: weather }];
    const final = await anthropic.messages.stream({ ...base, tools }).finalMessage();
    expect(final.content[0]).toMatchObject({
      type: 'tool_use',
      name: 'weather',
      input: { city: 'sample', days: 3 },
    });
  });

  test('by cache fields that add up to the counted prompt', async () => {
    const system = [
      {
        type: 'text' as const,
        text: 'long '.repeat(800),
        cache_control: { type: 'ephemeral' as const, ttl: '1h' as const },
      },
    ];
    const { usage } = await anthropic.messages.create({ ...base, system });
    const counted = await anthropic.messages.countTokens({ model: base.model, messages, system });
    const cached = (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0);
    expect(cached).toBeGreaterThan(900);
    expect(usage.input_tokens + cached).toBe(counted.input_tokens);
  });

  test('by its list of models', async () => {
    const page = await anthropic.models.list();
    expect(page.data[0]?.type).toBe('model');
  });
});

describe('answers', () => {
  test('have the same bytes for the same request, with or without asked-for usage in the ids', async () => {
    const body = { model: 'gpt-4o-mini', messages, stream: true, stream_options: { include_usage: true } };
    const first = await (await post('/v1/chat/completions', body)).text();
    const again = await (await post('/v1/chat/completions', body)).text();
    const { stream_options: _dropped, ...without } = body;
    const bare = await (await post('/v1/chat/completions', without)).text();
    expect(again).toBe(first);
    expect(/chatcmpl-\w+/.exec(bare)?.[0]).toBe(/chatcmpl-\w+/.exec(first)?.[0]);
  });

  test('differ from call to call when live', async () => {
    const live = await startFakeProvider({ live: true });
    try {
      const client = new OpenAI({ baseURL: live.openaiUrl, apiKey: 'any' });
      const [one, two] = [
        await client.chat.completions.create({ model: 'gpt-4o-mini', messages }),
        await client.chat.completions.create({ model: 'gpt-4o-mini', messages }),
      ];
      expect(one.id).not.toBe(two.id);
    } finally {
      await live.close();
    }
  });
});
