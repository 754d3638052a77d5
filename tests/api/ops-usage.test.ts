import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, digits, recordLedgers, startApiServer } from './api-server.ts';

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
  await recordLedgers(api);
});
afterAll(() => api.stop());

describe('GET /api/ops/usage/summary', () => {
  it('sums the day, the week and the month of the zone, each to the last digit', async () => {
    const { body, text } = await api.get('acme', '/api/ops/usage/summary');
    const { day, week, month } = body.data.windows;
    expect(body.data.timezone).toBe('Europe/Berlin');
    expect(day).toEqual({
      from: '2026-11-21T23:00:00.000Z',
      to: '2026-11-22T23:00:00.000Z',
      cost_usd: 30.0019,
      requests: 4,
      errors: 1,
      unpriced_requests: 1,
      input_tokens: 10_001_310,
      output_tokens: 10_000_305,
      total_tokens: 20_001_615,
      tenants: [
        {
          tenant: 'acme',
          cost_usd: 30.0019,
          requests: 4,
          errors: 1,
          unpriced_requests: 1,
          input_tokens: 10_001_310,
          output_tokens: 10_000_305,
          total_tokens: 20_001_615,
        },
      ],
      models: [
        expect.objectContaining({ provider: 'openai', model: 'round', cost_usd: 30.0014, requests: 2 }),
        expect.objectContaining({ provider: 'anthropic', model: 'round', cost_usd: 0.0005, requests: 1 }),
        expect.objectContaining({
          provider: 'openai',
          model: 'nobody-sells-this',
          cost_usd: 0,
          unpriced_requests: 1,
        }),
      ],
    });
    expect([week.from, week.cost_usd, week.requests]).toEqual(['2026-11-15T23:00:00.000Z', 39.001903, 6]);
    expect([month.from, month.cost_usd, month.requests]).toEqual(['2026-10-31T23:00:00.000Z', 40.001903, 7]);
    expect(digits(text, 'cost_usd', '"month"')).toBe('40.001903');
  });

  it('shows an administrator every tenant, the dearest first, and the sum of the others', async () => {
    const { body } = await api.get('admin', '/api/ops/usage/summary?limit=1&timezone=UTC');
    const { month } = body.data.windows;
    expect(month.cost_usd).toBe(129.001903);
    expect(month.tenants).toMatchObject([{ tenant: 'globex', cost_usd: 90 }]);
    expect(month.other_tenants).toMatchObject({ entries: 1, cost_usd: 39.001903 });
    expect(month.other_models).toMatchObject({ entries: 2, cost_usd: 0.0005 });
  });

  it('shows nobody the spend of another', async () => {
    const { text } = await api.get('acme', '/api/ops/usage/summary');
    expect(text).not.toContain('globex');
    expect((await api.get('acme', '/api/ops/usage/summary?tenant=globex')).status).toBe(403);
    expect((await api.get('acme', '/api/ops/usage/summary?window=day')).body.error.code).toBe(
      'unknown_parameter',
    );
  });
});

describe('GET /api/ops/usage/events', () => {
  it('lists single calls with their tokens, amounts as exact numbers, null where unpriced', async () => {
    const { body, text } = await api.get('acme', '/api/ops/usage/events?limit=3');
    expect(
      body.data.events.map(({ id, cost_usd, total_tokens }: Record<string, unknown>) => [
        id,
        cost_usd,
        total_tokens,
      ]),
    ).toEqual([
      ['c2', 0.0005, 400],
      ['c1', 0.0014, 1200],
      ['c3', null, 15],
    ]);
    expect(digits(text, 'cost_usd')).toBe('0.0005');
    expect(text).toContain('"cost_usd":null');
  });

  it('is walked by cursor, every event once', async () => {
    const ids: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const { body } = await api.get('acme', `/api/ops/usage/events?limit=3${page}`);
      ids.push(...body.data.events.map(({ id }: { id: string }) => id));
      cursor = body.data.next_cursor;
    }
    expect(ids).toEqual(['c2', 'c1', 'c3', 'c4', 'c5', 'c6', 'c7', 'c8']);
  });

  it('is filtered by column, tag and price', async () => {
    const count = async (query: string) =>
      (await api.get('acme', `/api/ops/usage/events?${query}`)).body.data.events.length;
    expect(await count('workflow=wf-1')).toBe(3);
    expect(await count('tag.team=search')).toBe(2);
    expect(await count('unpriced=true')).toBe(1);
    expect(await count('agent=')).toBe(1);
    expect((await api.get('acme', '/api/ops/usage/events?workflows=wf-1')).body.error.code).toBe(
      'unknown_parameter',
    );
  });
});
