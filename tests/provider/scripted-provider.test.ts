import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FAULT_NAMES, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

let provider: ScriptedProvider;
let openai: OpenAI;
let anthropic: Anthropic;

beforeAll(async () => {
  provider = await startScriptedProvider();
  openai = new OpenAI({ baseURL: provider.openaiUrl, apiKey: 'any', maxRetries: 0, logLevel: 'off' });
  anthropic = new Anthropic({ baseURL: provider.url, apiKey: 'any', maxRetries: 0, logLevel: 'off' });
});
afterAll(() => provider.close());

const messages = [{ role: 'user' as const, content: 'Say something about ledgers.' }];

async function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(provider.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

describe('faults', () => {
  const chat = { model: 'gpt-4o-mini', messages };

  test('leave the bytes of an answer as they are, however it is written', async () => {
    const body = { ...chat, stream: true };
    const first = await (await post('/v1/chat/completions', body)).text();
    for (const header of [{ 'x-fake-split': '3' }, { 'x-fake-encoding': 'gzip' }])
      expect(await (await post('/v1/chat/completions', body, header)).text()).toBe(first);
  });

  test('429 and 529 have the provider’s own shape', async () => {
    await expect(openai.chat.completions.create({ ...chat, model: 'fault-429' })).rejects.toBeInstanceOf(
      OpenAI.RateLimitError,
    );
    const overloaded = anthropic.messages.create(
      { model: 'claude-haiku-4-5', max_tokens: 9, messages },
      { headers: { 'x-fake-fault': '529' } },
    );
    await expect(overloaded).rejects.toMatchObject({ status: 529, type: 'overloaded_error' });
  });

  test('500-once heals on retry', async () => {
    const once = { ...chat, model: 'fault-500-once' };
    expect((await openai.withOptions({ maxRetries: 1 }).chat.completions.create(once)).model).toBe(
      once.model,
    );
  });

  test('a cut arrives as exactly the promised bytes and a broken connection', async () => {
    const response = await post(
      '/v1/chat/completions',
      { ...chat, stream: true },
      { 'x-fake-fault': 'cut-at-100' },
    );
    let bytes = 0;
    const reading = (async () => {
      for await (const chunk of response.body ?? []) bytes += chunk.length;
    })();
    await expect(reading).rejects.toThrow();
    expect(bytes).toBe(100);
  });

  test('an endless stream ends when the client goes, and is seen so', async () => {
    const gone = new AbortController();
    const response = await fetch(`${provider.openaiUrl}/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ ...chat, stream: true }),
      headers: { 'x-fake-fault': 'endless' },
      signal: gone.signal,
    });
    let bytes = 0;
    await expect(
      (async () => {
        for await (const chunk of response.body ?? []) {
          bytes += chunk.length;
          if (bytes > 20_000) gone.abort();
        }
      })(),
    ).rejects.toThrow();
    await expect.poll(() => provider.requests.at(-1)?.outcome).toBe('client-gone');
  });

  test('every named fault answers or breaks off; none hangs without being told to', async () => {
    for (const name of FAULT_NAMES.filter((name) => name !== 'slow-first-byte')) {
      const gone = AbortSignal.timeout(name === 'endless' || name === 'stall-mid-stream' ? 100 : 5000);
      const call = fetch(`${provider.openaiUrl}/chat/completions`, {
        method: 'POST',
        body: JSON.stringify({ ...chat, stream: true, stream_options: { include_usage: true } }),
        headers: { 'x-fake-fault': name },
        signal: gone,
      });
      const text = await call
        .then((response) => response.text())
        .catch((error: Error) => `failed: ${error.name}`);
      expect(text.length, name).toBeGreaterThan(5);
    }
  });

  test('an unknown fault is refused by name', async () => {
    const response = await post('/v1/chat/completions', { ...chat, model: 'fault-nonsense' });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('nonsense');
  });
});
