/** The ledger and `farthing usage` price the same lines alike: recorded responses of OpenAI and Anthropic. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseUsd } from '@farthing/pricing';
import { book } from '@farthing/pricing/book';
import { priceLine } from '@farthing/pricing/extract';
import { expect, onTestFinished, test } from 'vitest';
import { startTestServer } from '../server/test-server.ts';
import { brokenInvariants } from './invariants.ts';

const FOLDER = process.env['FARTHING_FIXTURES'];
const PROVIDERS = new Set(['openai', 'anthropic']);

function recordedLines(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.ndjson') && !file.includes('otel'))
    .sort()
    .flatMap((file) => readFileSync(join(folder, file), 'utf8').trimEnd().split('\n'))
    .filter((line) => PROVIDERS.has((JSON.parse(line) as { provider: string }).provider));
}

test.skipIf(FOLDER === undefined)(
  'imported responses add up to the sum that `farthing usage` prints (needs FARTHING_FIXTURES), and a second import adds nothing',
  async () => {
    const server = await startTestServer();
    onTestFinished(() => server.stop());
    const lines = recordedLines(FOLDER ?? '');
    const now = Date.now();
    const priced = lines.map((line, index) => priceLine(line, index + 1, { book, now }));
    const readable = priced.filter((line) => line.ok);
    let total = 0n;
    for (const { charged_usd: cost } of readable) if (cost !== null) total += parseUsd(cost);
    const unpriced = readable.filter((line) => line.charged_usd === null).length;

    const send = async () =>
      (
        await server.send('POST', '/api/usage/events?format=responses', {
          body: lines.join('\n'),
          headers: { 'content-type': 'application/x-ndjson' },
        })
      ).body.data;
    const first = await send();
    expect(first).toMatchObject({ accepted: readable.length, rejected: lines.length - readable.length });
    const costs = (answer: typeof first) =>
      answer.results.map((one: { cost_usd?: string }) => one.cost_usd ?? null);
    expect(costs(first)).toEqual(priced.map((line) => (line.ok ? line.charged_usd : null)));
    const second = await send();
    expect(second).toMatchObject({ accepted: 0, duplicates: readable.length, superseded: 0, conflicts: 0 });
    expect(costs(second)).toEqual(costs(first));

    const { rows } = await server.server.context.db.asOperator((tx) =>
      tx.query<{ events: string; total: string; unpriced: string }>(
        `select count(*) as events, sum(total_cost) as total, count(*) filter (where total_cost is null) as unpriced
           from usage_events`,
      ),
    );
    expect(rows[0]?.events).toBe(String(readable.length));
    expect(rows[0]?.unpriced).toBe(String(unpriced));
    expect(parseUsd(rows[0]?.total ?? '')).toBe(total);
    expect(await brokenInvariants(server.server.context.db)).toEqual([]);
  },
);

test('in the development tier calls are charged 0 and the explanation keeps what they would have cost', async () => {
  const server = await startTestServer({ COST_TRACKING_TIER: 'development' });
  onTestFinished(() => server.stop());
  const event = {
    id: 'dev-1',
    provider: 'openai',
    model: 'gpt-4o',
    usage: { prompt_tokens: 1000, completion_tokens: 10 },
  };
  const { body } = await server.send('POST', '/api/usage/events', { body: event });
  expect(body.data.results).toEqual([{ status: 'accepted', id: 'dev-1', cost_usd: '0' }]);
  const { data } = (await server.send('GET', '/api/usage/events/dev-1')).body;
  expect(data.cost_usd).toBe('0');
  expect(data.pricing).toMatchObject({ cost_usd: '0', list_cost_usd: '0.0026', reported_cost_usd: null });
  expect(await brokenInvariants(server.server.context.db)).toEqual([]);
});
