/** The providers' own SDKs through the gateway, with only base URL and headers changed. */
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FARTHING_KEY, type GatewayUnderTest, startGatewayUnderTest } from './gateway-under-test.ts';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGatewayUnderTest();
});
afterAll(() => gateway.close());

const HEADERS = {
  'x-farthing-key': FARTHING_KEY,
  'x-farthing-agent': 'crawler',
  'x-farthing-workflow': 'wf-81',
  'x-farthing-tags': 'team=search, feature=na%C3%AFve',
};
const question = [{ role: 'user' as const, content: 'What is a farthing?' }];

const openai = {
  through: () =>
    new OpenAI({
      apiKey: 'sk-test',
      baseURL: `${gateway.url}/gateway/openai/v1`,
      defaultHeaders: HEADERS,
      maxRetries: 0,
    }),
  direct: () => new OpenAI({ apiKey: 'sk-test', baseURL: gateway.provider.openaiUrl, maxRetries: 0 }),
};
const anthropic = {
  through: () =>
    new Anthropic({
      apiKey: 'sk-ant-test',
      baseURL: `${gateway.url}/gateway/anthropic`,
      defaultHeaders: HEADERS,
      maxRetries: 0,
    }),
  direct: () => new Anthropic({ apiKey: 'sk-ant-test', baseURL: gateway.provider.url, maxRetries: 0 }),
};

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const chunks: T[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

/** The event that `call` makes. */
async function eventOf(call: () => Promise<unknown>) {
  const index = gateway.events.length;
  await call();
  return gateway.event(index);
}

describe('openai', () => {
  it('answers a chat as a direct call does, and records its usage', async () => {
    const body = { model: 'gpt-5-mini', messages: question };
    const answer = await openai.through().chat.completions.create(body);
    expect(answer).toEqual(await openai.direct().chat.completions.create(body));
    expect(gateway.events.at(-1)).toMatchObject({
      tenant: 'acme',
      provider: 'openai',
      model: answer.model,
      operation: 'chat',
      status: 'ok',
      source: 'reported',
      door: 'gateway',
      responseId: answer.id,
      requestedModel: 'gpt-5-mini',
      attribution: { agent: 'crawler', workflow: 'wf-81', tags: { team: 'search', feature: 'naïve' } },
      rawUsage: JSON.parse(JSON.stringify(answer.usage)),
    });
  });

  it('answers tool calls as a direct call does', async () => {
    const body = {
      model: 'gpt-5-mini',
      messages: question,
      tools: [
        {
          type: 'function' as const,
          function: { name: 'weather', parameters: { type: 'object', properties: {} } },
        },
      ],
    };
    expect(await openai.through().chat.completions.create(body)).toEqual(
      await openai.direct().chat.completions.create(body),
    );
  });

  it('streams what a direct stream without usage holds, and still knows the usage', async () => {
    const body = { model: 'gpt-5-mini', messages: question, stream: true as const };
    const direct = await collect(await openai.direct().chat.completions.create(body));
    const index = gateway.events.length;
    const through = await collect(await openai.through().chat.completions.create(body));
    const withoutUsage = through.map(({ usage: _, ...chunk }) => chunk);
    expect(withoutUsage).toEqual(direct.map(({ usage: _, ...chunk }) => chunk));
    expect(through.every((chunk) => chunk.usage == null)).toBe(true);
    expect(await gateway.event(index)).toMatchObject({ source: 'reported', status: 'ok', operation: 'chat' });
    expect(gateway.events[index]?.segments[0]?.quantities.output_text).toBeGreaterThan(0);
  });

  it('leaves the usage chunk to a caller who asked for it', async () => {
    const body = {
      model: 'gpt-5-mini',
      messages: question,
      stream: true as const,
      stream_options: { include_usage: true },
    };
    expect(await collect(await openai.through().chat.completions.create(body))).toEqual(
      await collect(await openai.direct().chat.completions.create(body)),
    );
  });

  it('answers responses and embeddings, streamed and not', async () => {
    const response = { model: 'gpt-5-mini', input: 'What is a farthing?' };
    expect(await openai.through().responses.create(response)).toEqual(
      await openai.direct().responses.create(response),
    );
    const event = await eventOf(async () =>
      expect(await collect(await openai.through().responses.create({ ...response, stream: true }))).toEqual(
        await collect(await openai.direct().responses.create({ ...response, stream: true })),
      ),
    );
    expect(event).toMatchObject({ operation: 'responses', source: 'reported' });
    const embedding = { model: 'text-embedding-3-small', input: ['one', 'two'] };
    const embedded = await eventOf(async () =>
      expect(await openai.through().embeddings.create(embedding)).toEqual(
        await openai.direct().embeddings.create(embedding),
      ),
    );
    expect(embedded).toMatchObject({ operation: 'embedding', source: 'reported' });
  });

  it.each([429, 500])(
    'raises the same error for a provider that answers %s, and records it as an error',
    async (status) => {
      const body = { model: `fault-${status}`, messages: question };
      const through = openai.through().chat.completions.create(body);
      const event = await eventOf(() => through.catch(() => undefined));
      const error = await through.catch((caught: unknown) => caught);
      const direct = await openai
        .direct()
        .chat.completions.create(body)
        .catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(OpenAI.APIError);
      expect((error as InstanceType<typeof OpenAI.APIError>).message).toBe((direct as Error).message);
      expect(event).toMatchObject({ status: 'error', source: 'none', segments: [] });
    },
  );

  it('passes other paths through without an event', async () => {
    const before = gateway.events.length;
    expect((await openai.through().models.list()).data).toEqual((await openai.direct().models.list()).data);
    expect(gateway.events.length).toBe(before);
  });
});

describe('anthropic', () => {
  const body = { model: 'claude-sonnet-4-5', max_tokens: 200, messages: question };

  it('answers a message as a direct call does, and records its usage', async () => {
    const answer = await anthropic.through().messages.create(body);
    expect(answer).toEqual(await anthropic.direct().messages.create(body));
    expect(gateway.events.at(-1)).toMatchObject({
      provider: 'anthropic',
      operation: 'chat',
      source: 'reported',
      responseId: answer.id,
    });
  });

  it('streams a message byte for byte, by the stream helper too', async () => {
    const event = await eventOf(async () =>
      expect(await collect(await anthropic.through().messages.create({ ...body, stream: true }))).toEqual(
        await collect(await anthropic.direct().messages.create({ ...body, stream: true })),
      ),
    );
    expect(event).toMatchObject({ source: 'reported', status: 'ok' });
    expect(await anthropic.through().messages.stream(body).finalMessage()).toEqual(
      await anthropic.direct().messages.stream(body).finalMessage(),
    );
  });

  it('counts tokens without an event', async () => {
    const before = gateway.events.length;
    const { max_tokens: _, ...count } = body;
    expect(await anthropic.through().messages.countTokens(count)).toEqual(
      await anthropic.direct().messages.countTokens(count),
    );
    expect(gateway.events.length).toBe(before);
  });
});

it('sends nothing of ours to the provider, and the caller’s key unchanged', async () => {
  await openai.through().chat.completions.create({ model: 'gpt-5-mini', messages: question });
  const seen = gateway.provider.requests.at(-1);
  expect(seen?.rawHeaders.filter((name) => /farthing/i.test(name))).toEqual([]);
  expect(seen?.headers.authorization).toBe('Bearer sk-test');
});

it('refuses a call without a Farthing key in the provider’s error shape', async () => {
  const client = new OpenAI({
    apiKey: 'sk-test',
    baseURL: `${gateway.url}/gateway/openai/v1`,
    maxRetries: 0,
  });
  await expect(client.models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
  const claude = new Anthropic({
    apiKey: 'sk-test',
    baseURL: `${gateway.url}/gateway/anthropic`,
    maxRetries: 0,
  });
  await expect(claude.messages.create(body())).rejects.toBeInstanceOf(Anthropic.AuthenticationError);
  function body() {
    return { model: 'claude-sonnet-4-5', max_tokens: 10, messages: question };
  }
});
