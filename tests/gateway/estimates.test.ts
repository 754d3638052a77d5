/** Answers that were cut or say nothing of their usage: what the event holds, and what a later report makes of it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withTokenEstimate } from '../../packages/server/src/gateway/recording/with-token-estimate.ts';
import { createIngest } from '../../packages/server/src/ingest/ingest.ts';
import type { UsageEvent } from '../../packages/server/src/ledger/usage-event.ts';
import { makeIdentity } from '../../packages/server/src/tenants/identity.ts';
import { brokenInvariants } from '../ledger/invariants.ts';
import { removeFolder, testRecorder } from '../ledger/recorders.ts';
import { createTestDatabase } from '../postgres/test-database.ts';
import { FARTHING_KEY, type GatewayUnderTest, startGatewayUnderTest } from './gateway-under-test.ts';

const IDENTITY = makeIdentity({
  keyId: '00000000-0000-4000-8000-000000000001',
  role: 'member',
  tenantId: 'default',
});
const PROMPT = 'What is a farthing, and why would anybody count in quarters of a penny?';
const CHAT = { model: 'gpt-5-mini', messages: [{ role: 'user', content: PROMPT }] };
const MESSAGE = { ...CHAT, model: 'claude-sonnet-4-5', max_tokens: 500 };
const PATHS = {
  chat: '/gateway/openai/v1/chat/completions',
  responses: '/gateway/openai/v1/responses',
  embeddings: '/gateway/openai/v1/embeddings',
  messages: '/gateway/anthropic/v1/messages',
};

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGatewayUnderTest();
});
afterAll(() => gateway.close());

/** Calls with a fault of the provider and returns the event; what the client saw does not matter here. */
async function eventOf(path: keyof typeof PATHS, body: object, fault: string): Promise<UsageEvent> {
  const index = gateway.events.length;
  await fetch(gateway.url + PATHS[path], {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-farthing-key': FARTHING_KEY, 'x-fake-fault': fault },
    body: JSON.stringify(body),
  })
    .then((response) => response.text())
    .catch(() => '');
  return gateway.event(index);
}

const codes = (event: UsageEvent) => event.anomalies.map(({ code }) => code);
const quantities = (event: UsageEvent) => event.segments[0]?.quantities ?? {};

describe('an answer that is cut', () => {
  it('of OpenAI reported nothing: input and output are estimated, and the event says how', async () => {
    const event = await eventOf('chat', { ...CHAT, stream: true }, 'cut-mid-stream');
    expect(event).toMatchObject({ status: 'aborted', source: 'estimated', rawUsage: null });
    // 17 tokens of a question, 4 marks around the message and 3 before the answer.
    expect(quantities(event).input_uncached).toBe(24);
    expect(quantities(event).output_text).toBeGreaterThan(3);
    expect(event.segments[0]?.contextTokens).toBe(24);
    expect(event.convention).toMatch(/input and output estimated with gpt-tokenizer o200k_base$/);
    expect(codes(event)).toEqual(['estimated_usage', 'upstream_cut']);
  });

  it('of the Responses API is estimated too', async () => {
    const body = { model: 'gpt-5-mini', input: PROMPT, stream: true };
    const event = await eventOf('responses', body, 'cut-mid-stream');
    expect(event).toMatchObject({ status: 'aborted', source: 'estimated', operation: 'responses' });
    expect(quantities(event).output_text).toBeGreaterThan(0);
  });

  it('of Anthropic keeps its reported input; the output is what was written, not the 1 it began with', async () => {
    const event = await eventOf('messages', { ...MESSAGE, stream: true }, 'cut-mid-stream');
    const raw = event.rawUsage as { input_tokens: number; output_tokens: number };
    expect(event).toMatchObject({ status: 'aborted', source: 'partial' });
    expect(quantities(event).input_uncached).toBe(raw.input_tokens);
    expect(quantities(event).output_text).toBeGreaterThan(raw.output_tokens);
    expect(event.convention).toMatch(/; output estimated with gpt-tokenizer o200k_base × 1\.2$/);
    expect(event.anomalies[0]?.message).toMatch(/the model's own tokenizer is not public/);
  });

  it('by the client is estimated from what had come', async () => {
    const index = gateway.events.length;
    const controller = new AbortController();
    const response = await fetch(gateway.url + PATHS.chat, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-farthing-key': FARTHING_KEY,
        'x-fake-fault': 'endless',
      },
      body: JSON.stringify({ ...CHAT, stream: true }),
      signal: controller.signal,
    });
    await response.body?.getReader().read();
    controller.abort();
    const event = await gateway.event(index);
    expect(event).toMatchObject({ status: 'aborted', source: 'estimated' });
    expect(codes(event)).toEqual(['estimated_usage', 'client_disconnected']);
  });
});

describe('a whole answer without usage', () => {
  it.each([
    ['chat', CHAT],
    ['chat', { ...CHAT, stream: true, stream_options: { include_usage: true } }],
    ['responses', { model: 'gpt-5-mini', input: PROMPT }],
    ['messages', MESSAGE],
  ] as const)('is estimated: %s %j', async (path, body) => {
    const event = await eventOf(path, body, 'no-usage');
    expect(event).toMatchObject({ status: 'ok', source: 'estimated' });
    expect(codes(event)).toEqual(['estimated_usage']);
    expect(quantities(event).input_uncached).toBeGreaterThan(15);
    expect(quantities(event).output_text).toBeGreaterThan(10);
  });

  it('is estimated by its input where it is an embedding', async () => {
    const body = { model: 'text-embedding-3-small', input: [PROMPT, PROMPT] };
    const event = await eventOf('embeddings', body, 'no-usage');
    expect(event).toMatchObject({ status: 'ok', source: 'estimated', operation: 'embedding' });
    expect(event.segments).toEqual([{ model: null, quantities: { input_uncached: 34 }, contextTokens: 34 }]);
  });
});

describe('nothing is estimated', () => {
  it.each(['400', '429', '500', 'reset'])(
    'where the provider refused or did not answer: %s',
    async (fault) => {
      const event = await eventOf('chat', CHAT, fault);
      expect(event).toMatchObject({ status: 'error', source: 'none', segments: [] });
      expect(codes(event)).not.toContain('estimated_usage');
    },
  );

  it('where it reported an error within its stream', async () => {
    const event = await eventOf('chat', { ...CHAT, stream: true }, 'error-mid-stream');
    expect(event.status).toBe('error');
    expect(codes(event)).not.toContain('estimated_usage');
  });

  it('where it reported its usage', async () => {
    const event = await eventOf('chat', { ...CHAT, stream: true }, 'usage-twice');
    expect(event).toMatchObject({ status: 'ok', source: 'reported' });
    expect(codes(event)).not.toContain('estimated_usage');
  });
});

it('an estimate that goes wrong leaves the event as it was read, and says so', async () => {
  const reading = { source: 'none', operation: 'chat', model: 'gpt-5-mini', segments: [], anomalies: [] };
  const outcome = { status: 200, usage: reading, cut: null, failed: false };
  const kept = () => {
    throw new Error('nothing was kept');
  };
  const call = { request: { body: { bytes: Buffer.from('{}') }, model: null }, provider: { id: 'openai' } };
  const usage = await withTokenEstimate(call as never, { ...outcome, kept } as never);
  expect(usage).toEqual({
    ...reading,
    anomalies: [{ code: 'estimate_failed', message: 'usage could not be estimated: nothing was kept' }],
  });
});

it('usage that is reported later takes the place of an estimate: an adjustment, never a second charge', async () => {
  const store = await createTestDatabase();
  const opened = await testRecorder(store.database);
  const through = await startGatewayUnderTest({
    identity: IDENTITY,
    record: async (event) => void (await opened.recorder.record([event])),
  });
  try {
    const answer = await fetch(through.url + PATHS.chat, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-farthing-key': FARTHING_KEY,
        'x-fake-fault': 'cut-mid-stream',
      },
      body: JSON.stringify({ ...CHAT, stream: true }),
    });
    const id = answer.headers.get('x-farthing-event-id') ?? '';
    await answer.text().catch(() => '');
    expect(await through.event()).toMatchObject({ id, source: 'estimated' });
    const rows = async (sql: string) =>
      (await store.database.asOperator((tx) => tx.query<{ [column: string]: string }>(sql, [id]))).rows;
    const stored =
      "select coalesce(usage_source, 'reported') as usage_source, total_cost from usage_events where id = $1";
    const [estimate] = await rows(stored);
    expect(estimate?.['usage_source']).toBe('estimated');
    expect(estimate?.['total_cost']).toMatch(/^0\.0000\d*[1-9]/);

    const ingest = createIngest({
      recorder: opened.recorder,
      tenantExists: async () => true,
      enabled: true,
      onSurprise: (error) => {
        throw error;
      },
    });
    const usage = { prompt_tokens: 1000, completion_tokens: 200, total_tokens: 1200 };
    const report = { id, provider: 'openai', model: 'gpt-5-mini', usage };
    const send = () =>
      ingest.ingest({
        body: Buffer.from(JSON.stringify(report)),
        ndjson: false,
        format: 'events',
        identity: IDENTITY,
        door: 'api',
        defaults: {},
        now: Date.now(),
      });
    expect(await send()).toMatchObject({ superseded: 1, results: [{ status: 'superseded', id }] });
    expect(await send()).toMatchObject({ duplicates: 1 });
    const reported = '0.000650000000';
    expect(await rows(stored)).toEqual([{ usage_source: 'reported', total_cost: reported }]);
    expect(await rows('select reason, old_cost, new_cost from cost_adjustments where event_id = $1')).toEqual(
      [{ reason: 'superseded', old_cost: estimate?.['total_cost'], new_cost: reported }],
    );
    expect(await brokenInvariants(store.database)).toEqual([]);
  } finally {
    await through.close();
    await opened.recorder.drain();
    await removeFolder(opened.spoolDirectory);
    await store.drop();
  }
});
