import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, digits, recordLedgers, startApiServer } from './api-server.ts';

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
  await recordLedgers(api);
});
afterAll(() => api.stop());

describe('the overview of costs', () => {
  it('GET /api/cost/dashboard: this month, today, leading agents and models', async () => {
    const { body, text } = await api.get('acme', '/api/cost/dashboard');
    expect(body.success).toBe(true);
    expect(body.data.current_month).toMatchObject({ month: '2026-11', total_cost: 40.001903 });
    expect(body.data.today).toMatchObject({ date: '2026-11-22', total_cost: 30.0019 });
    expect(digits(text, 'total_cost', '"current_month"')).toBe('40.001903');
    expect(body.data.top_agents).toMatchObject([
      { agent_name: 'crawler', cost_usd: 31.0014, operation_count: 4 },
      { agent_name: 'writer', cost_usd: 7.000503, operation_count: 2 },
    ]);
    expect(body.data.top_models).toMatchObject([
      { provider: 'openai', model: 'round', cost_usd: 40.001403, operation_count: 5 },
      { provider: 'anthropic', model: 'round', cost_usd: 0.0005, operation_count: 1 },
      { provider: 'openai', model: 'nobody-sells-this', cost_usd: 0, operation_count: 1 },
    ]);
  });

  it('GET /api/cost/trends: daily history, month to date, average, projection and confidence', async () => {
    const { body } = await api.get('acme', '/api/cost/trends?days=30');
    expect(body.data.days).toHaveLength(30);
    expect(body.data.days.at(-1)).toMatchObject({ date: '2026-11-22', total_cost: 30.0019, partial: true });
    expect(body.data.days.at(-2)).toMatchObject({
      date: '2026-11-21',
      total_cost: 7.000003,
      operation_count: 1,
    });
    // Complete days from the first call on: 22 of them from 31 October, 10.250003 in all.
    expect(body.data.month_to_date).toBe(40.001903);
    expect(body.data.average_daily_cost).toBe(0.465909227273);
    expect(body.data.projected_monthly_cost).toBe(43.729176818184);
    expect(body.data.confidence).toBe('low');
  });

  it('GET /api/cost/summary: the same sums, filtered', async () => {
    const { body, text } = await api.get('acme', '/api/cost/summary?agent=crawler&group_by=provider,model');
    expect(digits(text, 'total_cost')).toBe('31.0014');
    expect(body.data).toMatchObject({ total_requests: 4, unpriced_requests: 1, input_tokens: 11_001_010 });
  });

  it('dashboard, trends, summary, lists, reports and windows agree on what this month cost', async () => {
    const value = async (url: string, name: string, from = '') =>
      digits((await api.get('acme', url)).text, name, from);
    expect(
      await Promise.all([
        value('/api/cost/dashboard', 'total_cost', '"current_month"'),
        value('/api/cost/trends', 'month_to_date'),
        value('/api/cost/summary', 'total_cost'),
        value('/api/cost/models', 'cost_usd', '"total"'),
        value('/api/cost/tags?key=team', 'cost_usd', '"total"'),
        value('/api/cost/tenants/acme/report?start_date=2026-11-01', 'total_cost_usd'),
        value('/api/v2/costs?start_date=2026-11-01', 'total_cost_usd'),
        value('/api/ops/usage/summary', 'cost_usd', '"month"'),
      ]),
    ).toEqual(Array(8).fill('40.001903'));
  });
});
