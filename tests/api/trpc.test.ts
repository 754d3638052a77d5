import { createTRPCClient, httpBatchLink, TRPCClientError } from '@trpc/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppRouter } from '../../packages/server/src/trpc/router.ts';
import { type ApiServer, NOW, recordLedgers, startApiServer, type Who } from './api-server.ts';

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
  await recordLedgers(api);
});
afterAll(() => api.stop());

/** The dashboard's client, over a real connection. */
const as = (who: Who) =>
  createTRPCClient<AppRouter>({
    links: [
      httpBatchLink({
        url: `${api.server.url}/trpc`,
        headers: { authorization: `Bearer ${api.keyOf(who)}` },
        maxURLLength: 6000,
      }),
    ],
  });

/** The code of the error that a call ends with. */
const refusal = (call: Promise<unknown>) =>
  call.then(
    () => 'none',
    (error: unknown) => (error instanceof TRPCClientError ? error.data.code : String(error)),
  );

describe('costs', () => {
  it('come as decimal text, by model, operation, workflow, tag and any dimensions', async () => {
    const { costs } = as('acme');
    const [models, operations, workflows, tags, both] = await Promise.all([
      costs.models.query({}),
      costs.operations.query({ limit: 1 }),
      costs.workflows.query({ filters: { agent: ['writer'] } }),
      costs.tags.query({ key: 'team' }),
      costs.list.query({ by: ['agent', 'model'], from: '2026-11-22' }),
    ]);
    expect(models.total).toMatchObject({ costUsd: '40.001903', requests: 7, errors: 1, unpricedRequests: 1 });
    expect(models.entries.map(({ values, costUsd }) => [values, costUsd])).toEqual([
      [['openai', 'round'], '40.001403'],
      [['anthropic', 'round'], '0.0005'],
      [['openai', 'nobody-sells-this'], '0'],
    ]);
    expect(operations.entries).toHaveLength(1);
    expect(operations.other).toMatchObject({ entries: 1, costUsd: '2' });
    expect(workflows.entries.map(({ values, costUsd }) => [values, costUsd])).toEqual([
      [['wf-2'], '7.000003'],
      [['wf-1'], '0.0005'],
    ]);
    expect(tags.entries.map(({ values, costUsd }) => [values, costUsd])).toEqual([
      [['ads'], '30'],
      [[null], '10.000003'],
      [['search'], '0.0019'],
    ]);
    expect(both.entries.map(({ values }) => values)).toEqual([
      ['crawler', 'round'],
      ['writer', 'round'],
      ['crawler', 'nobody-sells-this'],
    ]);
  });

  it('are reported for a workflow and a tenant', async () => {
    const { costs } = as('acme');
    const workflow = await costs.workflow.query({ workflow: 'wf-1' });
    expect(workflow).toMatchObject({ tenant: 'acme', total: { costUsd: '0.0019', requests: 3 } });
    expect(workflow.models).toHaveLength(3);
    expect(workflow.tasks.map(({ task, costUsd }) => [task, costUsd])).toEqual([
      ['extract', '0.0014'],
      ['summary', '0.0005'],
      [null, '0'],
    ]);
    expect(await refusal(costs.workflow.query({ workflow: 'wf-g' }))).toBe('not_found');
    expect(await costs.tenantReport.query({})).toMatchObject({
      averageDailyUsd: '8.0503806',
      projectedMonthlyUsd: '241.511418',
      total: { costUsd: '40.251903' },
    });
    expect(await refusal(costs.tenantReport.query({ tenant: 'globex' }))).toBe('forbidden');
  });

  it('are estimated', async () => {
    const { models, total } = await as('acme').costs.estimate.query({
      models: [
        { model: 'gpt-4o', usage: { input_tokens: 1000 } },
        { model: 'gpt-4o-mini', usage: { input_tokens: 1000 } },
      ],
      calls: [1000],
    });
    expect(models.map(({ costUsd, volumes }) => [costUsd, volumes[0]?.costUsd])).toEqual([
      ['0.0025', '2.5'],
      ['0.00015', '0.15'],
    ]);
    expect(total.costUsd).toBe('0.00265');
    expect(await refusal(as('acme').costs.estimate.query({ models: [{ model: 'gpt-4o' }] }))).toBe(
      'invalid_parameter',
    );
  });
});

describe('agents', () => {
  it('are listed beside their limits and changed', async () => {
    const { agents } = as('acme');
    const page = await agents.list.query({ limit: 1 });
    expect(page.agents).toMatchObject([
      {
        name: 'crawler',
        limitUsd: '50',
        limitIsDefault: true,
        currentUsd: '31.0014',
        remainingUsd: '18.9986',
        paused: null,
      },
    ]);
    const next = await agents.list.query({ cursor: page.nextCursor ?? '' });
    expect(next).toMatchObject({ agents: [{ name: 'writer' }], nextCursor: null });
    const limited = await agents.setLimit.mutate({ agent: 'crawler', maxMonthlyCostUsd: '100.000000000001' });
    expect(limited).toMatchObject({ limitUsd: '100.000000000001', remainingUsd: '68.998600000001' });
    const paused = await agents.pause.mutate({ agent: limited.id, reason: 'Too dear.' });
    expect(paused.paused).toMatchObject({ at: new Date(NOW).toISOString(), reason: 'Too dear.' });
    expect((await agents.unpause.mutate({ agent: 'crawler' })).paused).toBeNull();
    expect(await agents.resetSpend.mutate({ agent: 'crawler' })).toMatchObject({
      currentUsd: '0',
      requests: 0,
    });
    expect(await refusal(agents.setLimit.mutate({ agent: 'crawler', maxMonthlyCostUsd: '-1' }))).toBe(
      'invalid_body',
    );
    expect(await refusal(agents.pause.mutate({ agent: 'nobody' }))).toBe('not_found');
  });

  it('are changed by those only who may, and never by another site’s page', async () => {
    expect(await refusal(as('acme-viewer').agents.pause.mutate({ agent: 'crawler' }))).toBe('forbidden');
    expect(await refusal(as('globex').agents.pause.mutate({ agent: 'writer' }))).toBe('not_found');
    const get = await fetch(
      `${api.server.url}/trpc/agents.pause?input=${encodeURIComponent('{"agent":"crawler"}')}`,
      {
        headers: { authorization: `Bearer ${api.keyOf('acme')}` },
      },
    );
    expect(get.status).toBe(405);
    const { app, context } = api.server;
    const link = await context.sessions.createLink({ role: 'member', tenantId: 'acme' }, 'test');
    const login = await app.inject({ method: 'GET', url: `/login?token=${link}` });
    const [cookie = ''] = String(login.headers['set-cookie']).split(';');
    const pauseFrom = (site: string) =>
      app.inject({
        method: 'POST',
        url: '/trpc/agents.unpause',
        headers: { cookie, 'sec-fetch-site': site, 'content-type': 'application/json' },
        payload: JSON.stringify({ agent: 'crawler' }),
      });
    expect((await pauseFrom('cross-site')).statusCode).toBe(401);
    expect((await pauseFrom('same-origin')).statusCode).toBe(200);
  });
});

describe('alerts', () => {
  it('are listed, and thresholds made, replaced and removed', async () => {
    const { alerts } = as('globex');
    const made = await alerts.createThreshold.mutate({
      period: 'month',
      amount_usd: '80',
      severity: 'critical',
    });
    expect(made).toMatchObject({ tenant: 'globex', scope: 'tenant', amountUsd: '80' });
    const { alerts: told } = await alerts.list.query({ scope: 'tenant' });
    expect(told).toMatchObject([
      { alertName: 'monthly_threshold', severity: 'critical', metricValue: '90', threshold: '80' },
    ]);
    // One call went over every share of the limit at once.
    expect(await alerts.list.query({ alertName: 'agent_budget_threshold', limit: 2 })).toMatchObject({
      alerts: [{ threshold: '100', supersededBy: null }],
      nextCursor: null,
    });
    const replaced = await alerts.replaceThreshold.mutate({
      id: made.id,
      period: 'day',
      amount_usd: 1,
      scope: 'agent',
    });
    expect(replaced).toMatchObject({ id: made.id, period: 'day', scope: 'agent' });
    expect((await alerts.thresholds.query({})).thresholds).toMatchObject([{ id: made.id, amountUsd: '1' }]);
    expect(await refusal(as('acme').alerts.removeThreshold.mutate({ id: made.id }))).toBe('not_found');
    expect((await alerts.removeThreshold.mutate({ id: made.id })).id).toBe(made.id);
    expect((await alerts.thresholds.query({})).thresholds).toEqual([]);
    expect(
      await refusal(as('acme-viewer').alerts.createThreshold.mutate({ period: 'day', amount_usd: 1 })),
    ).toBe('forbidden');
  });
});
