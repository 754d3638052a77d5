/** The server's reader takes everything that the client sends: no event of a real call is refused. */
import Anthropic from '@anthropic-ai/sdk';
import { Farthing, withAttribution } from '@farthing/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readEvent } from '../../packages/server/src/ingest/read-event.ts';
import { makeIdentity } from '../../packages/server/src/tenants/identity.ts';
import { FAULT_NAMES, type ScriptedProvider, startScriptedProvider } from '../provider/scripted-provider.ts';
import { type Collector, startCollector } from './collector.ts';

let provider: ScriptedProvider;
let collector: Collector;

beforeAll(async () => {
  provider = await startScriptedProvider();
  collector = await startCollector();
});
afterAll(async () => {
  await provider.close();
  await collector.close();
});

const messages = [{ role: 'user' as const, content: 'Say something about ledgers.' }];
const identity = makeIdentity({ keyId: 'key', role: 'member', tenantId: 'acme' });

/** The collected events as the ledger would keep them. */
function read() {
  return collector.events
    .splice(0)
    .map((event) =>
      readEvent(JSON.parse(JSON.stringify(event)), { identity, door: 'sdk', defaults: {}, now: Date.now() }),
    );
}

test('healthy calls are read with the provider’s counts, streamed or not', async () => {
  const farthing = new Farthing({ url: collector.url });
  const openai = farthing.track(new OpenAI({ baseURL: provider.openaiUrl, apiKey: 'any' }));
  const anthropic = farthing.track(new Anthropic({ baseURL: provider.url, apiKey: 'any' }));
  const message = { model: 'claude-haiku-4-5', max_tokens: 300, messages };
  await withAttribution(
    { agent: '  a\u0000b ', tags: { [`k${'x'.repeat(400)}`]: 'v' }, requestId: 'r' },
    async () => {
      await openai.chat.completions.create({ model: 'gpt-4o', messages });
      for await (const _ of await openai.chat.completions.create({
        model: 'gpt-4o',
        messages,
        stream: true,
      }));
      await openai.responses.create({ model: 'gpt-5-mini', input: 'x', tools: [{ type: 'web_search' }] });
      await openai.responses
        .stream({ model: 'gpt-5-mini', input: 'x', tools: [{ type: 'web_search' }] })
        .finalResponse();
      await openai.embeddings.create({ model: 'text-embedding-3-small', input: 'x' });
      await anthropic.messages.create(message);
      await anthropic.messages.stream(message).finalMessage();
    },
  );
  await farthing.close();
  const events = read();
  expect(events).toHaveLength(7);
  for (const event of events) {
    expect(event).toMatchObject({ status: 'ok', source: 'reported', anomalies: [], door: 'sdk' });
    expect(event.attribution).toMatchObject({ agent: 'ab', requestId: 'r', workflow: 'r' });
  }
  const same = (a: number, b: number) => expect(events[a]?.segments).toEqual(events[b]?.segments);
  same(0, 1);
  same(2, 3);
  same(5, 6);
  expect(events[2]?.segments[0]?.quantities).toMatchObject({ web_searches: 1 });
  expect(events[4]?.operation).toBe('embedding');
});

test('failed, cut and broken calls are read too, and never as reported usage that was not reported', async () => {
  const farthing = new Farthing({ url: collector.url });
  const openai = farthing.track(
    new OpenAI({ baseURL: provider.openaiUrl, apiKey: 'any', maxRetries: 0, logLevel: 'off' }),
  );
  const anthropic = farthing.track(
    new Anthropic({ baseURL: provider.url, apiKey: 'any', maxRetries: 0, logLevel: 'off' }),
  );
  const faults = [...FAULT_NAMES.filter((name) => !name.startsWith('slow')), '429', '500', 'cut-at-10'];
  for (const fault of faults) {
    const options = { headers: { 'x-fake-fault': fault }, signal: AbortSignal.timeout(150) };
    const drain = async (stream: Promise<AsyncIterable<unknown>>) => {
      for await (const _ of await stream);
    };
    await Promise.allSettled([
      openai.chat.completions.create({ model: 'gpt-4o', messages }, options),
      drain(openai.chat.completions.create({ model: 'gpt-4o', messages, stream: true }, options)),
      drain(openai.responses.create({ model: 'gpt-4o', input: 'x', stream: true }, options)),
      anthropic.messages.create({ model: 'claude-haiku-4-5', max_tokens: 99, messages }, options),
      drain(
        anthropic.messages.create(
          { model: 'claude-haiku-4-5', max_tokens: 99, messages, stream: true },
          options,
        ),
      ),
    ]);
  }
  await new Promise((done) => setTimeout(done, 100));
  await farthing.close();
  expect(collector.events).toHaveLength(faults.length * 5);
  for (const event of read()) {
    expect(['gpt-4o', 'claude-haiku-4-5']).toContain(event.model);
    if (event.status === 'aborted') expect(['partial', 'none']).toContain(event.source);
    if (event.source === 'reported') expect(event.segments).toHaveLength(1);
  }
});
