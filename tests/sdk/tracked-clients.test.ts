import Anthropic from '@anthropic-ai/sdk';
import { Farthing, withAttribution } from '@farthing/sdk';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ScriptedProvider, startScriptedProvider } from '../provider/scripted-provider.ts';
import { type Collector, startCollector } from './collector.ts';

let provider: ScriptedProvider;
let collector: Collector;
let farthing: Farthing;
const faults: unknown[] = [];

beforeAll(async () => {
  provider = await startScriptedProvider();
});
afterAll(() => provider.close());
beforeEach(async () => {
  collector = await startCollector();
  faults.length = 0;
  farthing = new Farthing({ url: collector.url, apiKey: 'test-key', onError: (error) => faults.push(error) });
});
afterEach(async () => {
  await farthing.close({ timeoutMs: 1000 });
  await collector.close();
});

const messages = [{ role: 'user' as const, content: 'Say something about ledgers.' }];
const chat = { model: 'gpt-4o-mini', messages };
const message = { model: 'claude-haiku-4-5', max_tokens: 400, messages };
const schema = { type: 'object' as const, properties: { city: { type: 'string' } } };

const plainOpenAI = () =>
  new OpenAI({ baseURL: provider.openaiUrl, apiKey: 'any', maxRetries: 0, logLevel: 'off' });
const plainAnthropic = () =>
  new Anthropic({ baseURL: provider.url, apiKey: 'any', maxRetries: 0, logLevel: 'off' });

/** Everything recorded so far. */
async function recorded() {
  expect(await farthing.flush()).toBe(true);
  expect(faults).toEqual([]);
  return collector.events;
}

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

describe('answers of a tracked openai client equal an untracked one’s, and each call is one event', () => {
  const usageOf = (event: { readonly [field: string]: unknown } | undefined) =>
    (event?.['response'] as { usage?: unknown } | undefined)?.usage;

  test('chat, whole', async () => {
    const direct = await plainOpenAI().chat.completions.create(chat);
    const client = farthing.track(plainOpenAI());
    expect(await client.chat.completions.create(chat)).toEqual(direct);
    const events = await recorded();
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      provider: 'openai',
      model: chat.model,
      operation: 'chat',
      status: 'ok',
    });
    expect(usageOf(events[0])).toEqual(direct.usage);
    expect(JSON.stringify(events)).not.toContain(direct.choices[0]?.message.content);
    expect(collector.requests[0]?.headers).toMatchObject({
      authorization: 'Bearer test-key',
      'user-agent': 'farthing-sdk/0.1.0',
    });
    expect(collector.requests[0]?.url).toBe('/api/usage/events?door=sdk');
  });

  test('chat stream without asked-for usage: the caller sees no extra chunk, the event has the usage', async () => {
    const { usage } = await plainOpenAI().chat.completions.create(chat);
    const direct = await all(await plainOpenAI().chat.completions.create({ ...chat, stream: true }));
    const client = farthing.track(plainOpenAI());
    const tracked = await all(await client.chat.completions.create({ ...chat, stream: true }));
    expect(tracked.map(({ usage: _null, ...chunk }) => chunk)).toEqual(direct);
    expect(tracked.every((chunk) => chunk.usage === null)).toBe(true);
    const [event] = await recorded();
    expect(event?.['status']).toBe('ok');
    expect(usageOf(event)).toEqual(usage);
  });

  test('chat stream with streamUsage off: byte for byte the provider’s, and the event says that usage is unknown', async () => {
    const client = farthing.track(plainOpenAI(), { streamUsage: false });
    const direct = await plainOpenAI()
      .chat.completions.create({ ...chat, stream: true })
      .asResponse();
    const tracked = await client.chat.completions.create({ ...chat, stream: true }).asResponse();
    expect(await tracked.text()).toBe(await direct.text());
    const [event] = await recorded();
    expect(event).toMatchObject({ status: 'ok', model: chat.model });
    expect(usageOf(event)).toBeUndefined();
  });

  test('chat stream that asks itself: untouched', async () => {
    const asking = { ...chat, stream: true as const, stream_options: { include_usage: true } };
    const direct = await all(await plainOpenAI().chat.completions.create(asking));
    const tracked = await all(await farthing.track(plainOpenAI()).chat.completions.create(asking));
    expect(tracked).toEqual(direct);
    expect(usageOf((await recorded())[0])).toEqual(direct.at(-1)?.usage);
  });

  test('.stream() helper, tool runner, responses, embeddings', async () => {
    const client = farthing.track(plainOpenAI());
    const content = await client.chat.completions.stream(chat).finalContent();
    expect(content).toBe(await plainOpenAI().chat.completions.stream(chat).finalContent());
    const tools = [
      {
        type: 'function' as const,
        function: { name: 'f', description: 'f', parameters: schema, function: () => 'x' },
      },
    ];
    await client.chat.completions.runTools({ ...chat, tools }).finalContent();
    const ask = { model: 'gpt-5-mini', input: 'Ledgers?', tools: [{ type: 'web_search' as const }] };
    const direct = await plainOpenAI().responses.create(ask);
    expect(await client.responses.create(ask)).toEqual(direct);
    const events = await all(await client.responses.create({ ...ask, stream: true }));
    expect(events).toEqual(await all(await plainOpenAI().responses.create({ ...ask, stream: true })));
    const embed = { model: 'text-embedding-3-small', input: ['one', 'two'] };
    expect(await client.embeddings.create(embed)).toEqual(await plainOpenAI().embeddings.create(embed));
    const seen = await recorded();
    expect(seen.map((event) => event['operation'])).toEqual([
      'chat',
      'chat',
      'chat',
      'responses',
      'responses',
      'embedding',
    ]);
    expect(usageOf(seen[3])).toEqual(direct.usage);
    expect(seen[4]?.['response']).toEqual(seen[3]?.['response']);
    expect(seen[3]?.['response']).toMatchObject({
      output: [{ type: 'web_search_call', action: { type: 'search' } }, {}],
    });
    expect(JSON.stringify(seen[5]).length).toBeLessThan(800);
  });

  test('withResponse and asResponse keep working, url and headers included', async () => {
    const client = farthing.track(plainOpenAI());
    const { data, response, request_id } = await client.chat.completions.create(chat).withResponse();
    expect([response.status, response.url, request_id]).toEqual([
      200,
      `${provider.openaiUrl}/chat/completions`,
      response.headers.get('x-request-id'),
    ]);
    expect(data.object).toBe('chat.completion');
    const raw = await client.chat.completions.create(chat).asResponse();
    const copy = raw.clone();
    expect(await raw.json()).toEqual(await copy.json());
    const reader = (await client.chat.completions.create(chat).asResponse()).body?.getReader({
      mode: 'byob',
    });
    let bytes = 0;
    for (;;) {
      const piece = await reader?.read(new Uint8Array(64));
      if (piece === undefined || piece.done) break;
      bytes += piece.value.length;
    }
    expect(bytes).toBeGreaterThan(300);
    expect((await recorded()).map((event) => usageOf(event) !== undefined)).toEqual([true, true, true]);
  });

  test('clients made with withOptions are tracked, and tracking twice records once', async () => {
    const client = farthing.track(farthing.track(plainOpenAI()));
    await farthing.track(client.withOptions({ timeout: 5000 })).chat.completions.create(chat);
    expect(await recorded()).toHaveLength(1);
  });

  test('listing models is not recorded', async () => {
    await farthing.track(plainOpenAI()).models.list();
    expect(await recorded()).toEqual([]);
  });
});

describe('answers of a tracked anthropic client equal an untracked one’s, and each call is one event', () => {
  test('messages: whole, stream: true, .stream(), tools; counting tokens is free', async () => {
    const client = farthing.track(plainAnthropic());
    const direct = await plainAnthropic().messages.create(message);
    expect(await client.messages.create(message)).toEqual(direct);
    const streamed = await all(await client.messages.create({ ...message, stream: true }));
    expect(streamed).toEqual(await all(await plainAnthropic().messages.create({ ...message, stream: true })));
    const tools = [{ name: 'f', input_schema: schema }];
    const final = await client.messages.stream({ ...message, tools }).finalMessage();
    expect(final.stop_reason).toBe('tool_use');
    await client.messages.countTokens(message);
    const events = await recorded();
    expect(events.map((event) => [event['operation'], event['status']])).toEqual([
      ['chat', 'ok'],
      ['chat', 'ok'],
      ['chat', 'ok'],
    ]);
    expect(events[0]?.['response']).toMatchObject({ usage: direct.usage, type: 'message' });
    expect(events[1]?.['response']).toMatchObject({ usage: direct.usage, id: direct.id });
    expect(events[2]?.['response']).toMatchObject({ usage: final.usage });
  });

  test('cache fields arrive whole from a stream', async () => {
    const system = [
      { type: 'text' as const, text: 'long '.repeat(500), cache_control: { type: 'ephemeral' as const } },
    ];
    const direct = await plainAnthropic().messages.create({ ...message, system });
    await farthing
      .track(plainAnthropic())
      .messages.stream({ ...message, system })
      .finalMessage();
    expect((await recorded())[0]?.['response']).toMatchObject({ usage: direct.usage });
  });
});

describe('what goes wrong at the provider reaches the caller unchanged and is recorded as it is', () => {
  test('an error: the client’s own error class, an event with status error and nothing to pay', async () => {
    const failing = farthing.track(plainOpenAI()).chat.completions.create({ ...chat, model: 'fault-429' });
    await expect(failing).rejects.toBeInstanceOf(OpenAI.RateLimitError);
    expect((await recorded())[0]).toMatchObject({
      status: 'error',
      model: 'fault-429',
      response: { error: {} },
      metadata: { http_status: 429 },
    });
  });

  test('a retry: each attempt is its own event', async () => {
    const client = farthing.track(plainOpenAI()).withOptions({ maxRetries: 1 });
    await client.chat.completions.create({ ...chat, model: 'fault-503-once' });
    expect((await recorded()).map((event) => event['status'])).toEqual(['error', 'ok']);
  });

  test('a stream the caller leaves: upstream is told, the event is aborted', async () => {
    const stream = await farthing
      .track(plainOpenAI())
      .chat.completions.create({ ...chat, stream: true }, { headers: { 'x-fake-fault': 'endless' } });
    let seen = 0;
    for await (const _chunk of stream) {
      seen += 1;
      if (seen === 4) break;
    }
    await expect.poll(() => provider.requests.at(-1)?.outcome).toBe('client-gone');
    await expect.poll(async () => (await recorded())[0]?.['status']).toBe('aborted');
  });

  test('an abort signal, before and after the first byte', async () => {
    const client = farthing.track(plainAnthropic());
    const early = client.messages.create(message, {
      headers: { 'x-fake-fault': 'slow-first-byte-400' },
      signal: AbortSignal.timeout(50),
    });
    await expect(early).rejects.toBeInstanceOf(Anthropic.APIUserAbortError);
    const late = client.messages.stream(message, { headers: { 'x-fake-fault': 'stall-mid-stream' } });
    late.on('text', () => setTimeout(() => late.abort(), 20));
    await expect(late.finalMessage()).rejects.toBeInstanceOf(Anthropic.APIUserAbortError);
    await expect.poll(async () => (await recorded()).length).toBe(2);
    expect(collector.events.map((event) => event['status'])).toEqual(['aborted', 'aborted']);
    expect(collector.events[1]?.['response']).toMatchObject({ usage: { output_tokens: 1 } });
  });

  for (const fault of [
    'cut-mid-stream',
    'malformed-sse',
    'bad-gzip',
    'reset',
    'error-mid-stream',
    'bad-json',
  ]) {
    test(`${fault}: the tracked client ends as the untracked one does`, async () => {
      const outcome = async (client: OpenAI) => {
        const chunks: unknown[] = [];
        try {
          const stream = await client.chat.completions.create(
            { ...chat, stream: true, stream_options: { include_usage: true } },
            { headers: { 'x-fake-fault': fault } },
          );
          for await (const chunk of stream) chunks.push(chunk);
          return { chunks, error: null };
        } catch (error) {
          return { chunks, error: (error as Error).constructor.name, message: (error as Error).message };
        }
      };
      const direct = await outcome(plainOpenAI());
      expect(await outcome(farthing.track(plainOpenAI()))).toEqual(direct);
      await expect.poll(async () => (await recorded()).length).toBe(1);
    });
  }

  test('usage missing, usage twice', async () => {
    const client = farthing.track(plainOpenAI());
    for (const fault of ['no-usage', 'usage-twice']) {
      const headers = { 'x-fake-fault': fault };
      await all(await client.chat.completions.create({ ...chat, stream: true }, { headers }));
    }
    const { usage } = await plainOpenAI().chat.completions.create(chat);
    const events = await recorded();
    expect(events[0]?.['response']).not.toHaveProperty('usage');
    expect(events[1]?.['response']).toMatchObject({ usage });
  });
});

describe('attribution', () => {
  test('nests: inner names win, outer ones stay, tags unite, calls in parallel keep their own', async () => {
    const client = farthing.track(plainOpenAI(), { attribution: { project: 'from-client', user: 'nobody' } });
    await withAttribution({ agentId: 'outer', user: 'ada', tags: { a: '1', b: '1' }, requestId: 'r-1' }, () =>
      Promise.all([
        withAttribution({ agent: 'inner', tags: { b: '2' } }, () => client.chat.completions.create(chat)),
        client.chat.completions.create({ ...chat, model: 'gpt-4o' }),
      ]),
    );
    const events = await recorded();
    const inner = events.find((event) => event['model'] === chat.model);
    const outer = events.find((event) => event['model'] === 'gpt-4o');
    const common = { project: 'from-client', user: 'ada', request_id: 'r-1', workflow: 'r-1' };
    expect(inner).toMatchObject({ ...common, agent: 'inner', tags: { a: '1', b: '2' } });
    expect(outer).toMatchObject({ ...common, agent: 'outer', tags: { a: '1', b: '1' } });
  });

  test('costTrackingEnabled: false switches off inside, true inside it on again', async () => {
    const client = farthing.track(plainOpenAI());
    await withAttribution({ costTrackingEnabled: false }, async () => {
      await client.chat.completions.create(chat);
      expect(farthing.record({ model: 'm', provider: 'openai', quantities: {} })).toBeNull();
      await withAttribution({ costTrackingEnabled: true, task: 'counted' }, () =>
        client.chat.completions.create(chat),
      );
    });
    expect((await recorded()).map((event) => event['task'])).toEqual(['counted']);
  });

  test('calls through Farthing’s own gateway carry it as headers and are not recorded twice', async () => {
    const seen: Headers[] = [];
    const client = farthing.track(
      new OpenAI({
        baseURL: `${collector.url}/gateway/openai/v1`,
        apiKey: 'any',
        fetch: async (_url, init) => {
          seen.push(new Headers(init?.headers as Headers));
          return Response.json({ object: 'chat.completion', choices: [] });
        },
      }),
    );
    await withAttribution({ agent: 'a', tags: { k: 'v' } }, () => client.chat.completions.create(chat));
    expect(Object.fromEntries(seen[0] ?? [])).toMatchObject({
      'x-farthing-key': 'test-key',
      'x-farthing-agent': 'a',
      'x-farthing-tags': 'k=v',
    });
    expect(await recorded()).toEqual([]);
  });
});

test('FF_COST_TRACKING=false leaves clients alone', async () => {
  process.env['FF_COST_TRACKING'] = 'false';
  try {
    const off = new Farthing({ url: collector.url });
    const client = plainOpenAI();
    const before = (client as unknown as { fetch: unknown }).fetch;
    expect((off.track(client) as unknown as { fetch: unknown }).fetch).toBe(before);
    expect(off.record({ provider: 'openai', model: 'm', quantities: {} })).toBeNull();
  } finally {
    delete process.env['FF_COST_TRACKING'];
  }
});
