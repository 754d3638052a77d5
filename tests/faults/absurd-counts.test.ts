import { afterAll, beforeAll, expect, test } from 'vitest';
import { extractUsage } from '../../packages/pricing/src/extract.ts';
import { LARGEST_QUANTITY } from '../../packages/pricing/src/index.ts';
import { testEvent } from '../ledger/events.ts';
import { brokenInvariants } from '../ledger/invariants.ts';
import { removeFolder, testRecorder } from '../ledger/recorders.ts';
import { startTestServer, type TestServer } from '../server/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const post = (project: string, usage: object) =>
  server.send('POST', '/api/usage/events', {
    key: server.acmeKey,
    body: [{ provider: 'openai', model: 'gpt-4o', time: '2026-11-01T12:00:00Z', project, usage }],
  });

test.each([Number.MAX_SAFE_INTEGER, LARGEST_QUANTITY + 1, '999999999999999'])(
  'a count of %s is refused at the door, with its name and the bound',
  async (prompt_tokens) => {
    const { body } = await post('a', { prompt_tokens, completion_tokens: 1 });
    expect(body.data.results[0]).toMatchObject({
      status: 'rejected',
      error: { code: 'invalid_quantity', path: 'usage.prompt_tokens' },
    });
    expect(body.data.results[0].error.message).toContain(String(LARGEST_QUANTITY));
  },
);

test('one project’s largest counts, by the thousand, never make another project’s event fail', async () => {
  const { db } = server.server.context;
  const { recorder, spoolDirectory } = await testRecorder(db);
  const absurd = Array.from({ length: 2_000 }, () =>
    testEvent({
      tenant: 'acme',
      time: Date.UTC(2026, 10, 1, 12),
      input: LARGEST_QUANTITY,
      output: LARGEST_QUANTITY,
      attribution: { project: 'a' },
    }),
  );
  const outcomes = await recorder.record(absurd);
  expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['accepted']));
  const { body } = await post('b', { prompt_tokens: 2000, completion_tokens: 1 });
  expect(body.data.results[0]).toMatchObject({ status: 'accepted' });
  expect(await brokenInvariants(db)).toEqual([]);
  await recorder.drain();
  await removeFolder(spoolDirectory);
});

test.each([
  ['tokens that add up beyond the bound', { input: LARGEST_QUANTITY, cached: LARGEST_QUANTITY }],
  ['a count that no door would have let in', { input: Number.MAX_SAFE_INTEGER }],
  ['a latency of centuries', { latencyMs: 1e16 }],
])('%s is refused by the recorder itself, and its neighbours are kept', async (_what, given) => {
  const { recorder, spoolDirectory } = await testRecorder(server.server.context.db);
  const outcomes = await recorder.record([testEvent(), testEvent(given), testEvent()]);
  expect(outcomes.map(({ status }) => status)).toEqual(['accepted', 'rejected', 'accepted']);
  await recorder.drain();
  await removeFolder(spoolDirectory);
});

test('a cost beyond any call that a provider states is refused, and its neighbours are kept', async () => {
  const { recorder, spoolDirectory } = await testRecorder(server.server.context.db);
  const dear = {
    ...testEvent({ provider: 'openrouter' }),
    reportedCost: { usd: `1${'0'.repeat(25)}`, field: 'cost' },
  };
  const outcomes = await recorder.record([testEvent(), dear, testEvent()]);
  expect(outcomes.map(({ status }) => status)).toEqual(['accepted', 'rejected', 'accepted']);
  await recorder.drain();
  await removeFolder(spoolDirectory);
});

test('a provider’s absurd count is left out with an anomaly: the rest of the call is counted', () => {
  const read = extractUsage(
    { prompt_tokens: 1e15, completion_tokens: 7, total_tokens: 1e15 },
    { provider: 'openai', requestModel: 'gpt-4o' },
  );
  expect(read.segments[0]?.quantities).toEqual({ output_text: 7 });
  expect(read.anomalies.map(({ code }) => code)).toContain('not_a_count');
});
