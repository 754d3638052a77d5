/** What only the host and the head of an answer say of a price reaches the server with a tracked call's event. */
import { Farthing } from '@farthing/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readEvent } from '../../packages/server/src/ingest/read-event.ts';
import type { UsageEvent } from '../../packages/server/src/ledger/usage-event.ts';
import { makeIdentity } from '../../packages/server/src/tenants/identity.ts';
import { type CollectedEvent, type Collector, startCollector } from './collector.ts';

let collector: Collector;
beforeAll(async () => {
  collector = await startCollector();
});
afterAll(() => collector.close());

const identity = makeIdentity({ keyId: 'key', role: 'member', tenantId: 'acme' });
const usage = { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 };

/** One tracked chat call to `baseURL`, as it was sent and as the ledger would keep it. */
async function call(
  baseURL: string,
  model: string,
  { headers = {}, tier }: { headers?: Record<string, string>; tier?: string } = {},
): Promise<{ sent: CollectedEvent; read: UsageEvent }> {
  const body = {
    id: 'c1',
    object: 'chat.completion',
    model: 'served',
    choices: [],
    usage,
    service_tier: tier,
  };
  const answer = async () =>
    new Response(JSON.stringify(body), {
      headers: { 'content-type': 'application/json', 'set-cookie': 'secret=1', ...headers },
    });
  const farthing = new Farthing({ url: collector.url });
  const client = farthing.track(new OpenAI({ baseURL, apiKey: 'any', fetch: answer }));
  await client.chat.completions.create({ model, messages: [] }, { query: { key: 'secret' } });
  await farthing.close();
  const sent = collector.events.splice(0)[0] as CollectedEvent;
  const context = { identity, door: 'sdk' as const, defaults: {}, now: Date.now() };
  return { sent, read: readEvent(JSON.parse(JSON.stringify(sent)), context) };
}

test('a data-residency host of OpenAI is read as its region', async () => {
  const { sent, read } = await call('https://eu.api.openai.com/v1', 'gpt-5-mini');
  expect(sent['url']).toBe('https://eu.api.openai.com/v1/chat/completions');
  expect(read).toMatchObject({ provider: 'openai', region: 'eu', model: 'served' });
});

test('a call that spilled over on Azure is billed by the token', async () => {
  const base = 'https://acme.openai.azure.com/openai/v1';
  const kept = await call(base, 'gpt-5-mini', { tier: 'scale' });
  const spilled = await call(base, 'gpt-5-mini', {
    tier: 'scale',
    headers: { 'X-MS-Is-Spilled-Over': 'True' },
  });
  expect(kept.read).toMatchObject({ provider: 'azure', tier: 'scale' });
  expect(spilled.read).toMatchObject({ provider: 'azure', tier: 'standard' });
});

test('a call on Bedrock carries its region and the id that was asked for', async () => {
  const { read } = await call(
    'https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1',
    'openai.gpt-oss-120b-1:0',
  );
  expect(read).toMatchObject({ provider: 'bedrock', region: 'us-west-2', model: 'openai.gpt-oss-120b-1:0' });
});

test('no query, no key and no other header leaves the process', async () => {
  const { sent } = await call('https://eu.api.openai.com/v1', 'gpt-5-mini');
  expect(JSON.stringify(sent)).not.toContain('secret');
});

test('an event with a usage object takes url and headers too, and an address that is none is refused', () => {
  const context = { identity, door: 'api' as const, defaults: {}, now: Date.now() };
  const event = { id: 'a', provider: 'openai', model: 'gpt-5-mini', usage };
  const read = readEvent({ ...event, url: 'https://eu.api.openai.com/v1/chat/completions' }, context);
  expect(read.region).toBe('eu');
  for (const url of ['eu.api.openai.com', 'ftp://eu.api.openai.com', '', 'https://'])
    expect(() => readEvent({ ...event, url }, context)).toThrowError(
      expect.objectContaining({ code: 'invalid_event', path: 'url' }),
    );
});
