import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, record, startApiServer } from './api-server.ts';

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
});
afterAll(() => api.stop());

describe('the report of a workflow that lives for years', () => {
  it('names the tasks of years, though events are asked for a hundred days at a time', async () => {
    const calls = [
      ['2022-03-01T12:00:00Z', 'weekly', 1_000_000],
      ['2023-09-01T12:00:00Z', 'daily', 5_000_000],
      ['2026-11-01T12:00:00Z', 'weekly', 2_000_000],
      ['2026-11-20T12:00:00Z', 'weekly', 4_000_000],
    ] as const;
    await record(
      api,
      'globex',
      calls.map(([time, task, input], n) => ({
        id: `long-${n}`,
        time,
        task,
        input,
        output: 0,
        workflow: 'wf-long',
      })),
    );
    const { body } = await api.get('globex', '/api/cost/workflows/wf-long');
    expect(body.data).toMatchObject({
      total_requests: 4,
      total_cost_usd: 12,
      first_request: '2022-03-01T12:00:00.000Z',
      task_breakdown: [
        { task: 'weekly', count: 3, cost_usd: 7 },
        { task: 'daily', count: 1, cost_usd: 5 },
      ],
    });
  });

  it('knows the days of calls whose events are past their retention', async () => {
    await api.server.context.db.asOperator((tx) =>
      tx.query(
        "delete from usage_events where tenant_id = 'globex' and workflow = 'wf-long' and event_time < '2023-01-01'",
      ),
    );
    await api.server.context.db.asOperator((tx) =>
      tx.query("update tenants set events_from = '2023-01-01' where id = 'globex'"),
    );
    const { body } = await api.get('globex', '/api/cost/workflows/wf-long');
    expect(body.data).toMatchObject({
      total_requests: 4,
      total_cost_usd: 12,
      first_request: '2022-02-28T18:15:00.000Z',
      last_request: '2026-11-20T12:00:00.000Z',
      task_breakdown: [
        { task: 'weekly', count: 2, cost_usd: 6 },
        { task: 'daily', count: 1, cost_usd: 5 },
      ],
      other_tasks: { count: 1, cost_usd: 1 },
    });
  });
});
