import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ApiServer,
  digits,
  NOW,
  record,
  recordLedgers,
  startApiServer,
  type Who,
} from './api-server.ts';

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer({ AGENT_MAX_MONTHLY_COST_USD: '50' });
  await recordLedgers(api);
});
afterAll(() => api.stop());

const agentsOf = async (who: Who, query = '') =>
  (await api.get(who, `/api/cost/agents${query}`)).body.data.agents;
const change = (who: Who, agent: string, what: string, body?: unknown) =>
  api.send(who, 'POST', `/api/admin/agents/${encodeURIComponent(agent)}/${what}`, body);
const audited = async (action: string) => {
  const { rows } = await api.server.context.db.asOperator((tx) =>
    tx.query<{ actor: string; tenant_id: string; details: Record<string, unknown> }>(
      'select actor, tenant_id, details from audit_log where action = $1 order by id',
      [action],
    ),
  );
  return rows;
};

describe('GET /api/cost/agents', () => {
  it('puts every agent beside the usual limit, its month’s cost in the zone of its tenant', async () => {
    const { text, body } = await api.get('acme', '/api/cost/agents');
    expect(body.data).toEqual({
      agents: [
        {
          agent_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          agent_name: 'crawler',
          tenant: 'acme',
          budget_limit: 50,
          budget_is_default: true,
          current_cost: 31.0014,
          remaining: 18.9986,
          utilization_pct: 62,
          operation_count: 4,
          is_active: true,
          paused_at: null,
          paused_by: null,
          pause_reason: null,
          cost_since: '2026-10-31T23:00:00.000Z',
        },
        expect.objectContaining({
          agent_name: 'writer',
          current_cost: 7.000503,
          remaining: 42.999497,
          utilization_pct: 14,
        }),
      ],
      next_cursor: null,
    });
    expect(digits(text, 'current_cost')).toBe('31.0014');
  });

  it('shows tenants their own agents only, administrators all', async () => {
    expect(await agentsOf('globex')).toMatchObject([
      { tenant: 'globex', agent_name: 'crawler', current_cost: 90, remaining: -40, utilization_pct: 180 },
    ]);
    const all = await agentsOf('admin');
    expect(all.map(({ tenant, agent_name }: Record<string, unknown>) => `${tenant}/${agent_name}`)).toEqual([
      'acme/crawler',
      'acme/writer',
      'globex/crawler',
    ]);
    expect(await agentsOf('admin', '?tenant=globex')).toHaveLength(1);
  });

  it('is walked by cursor, every agent once', async () => {
    const names: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const { body } = await api.get('admin', `/api/cost/agents?limit=1${page}`);
      names.push(
        ...body.data.agents.map((one: Record<string, unknown>) => `${one['tenant']}/${one['agent_name']}`),
      );
      cursor = body.data.next_cursor;
    }
    expect(names).toEqual(['acme/crawler', 'acme/writer', 'globex/crawler']);
    expect((await api.get('acme', '/api/cost/agents?cursor=bogus')).body.error.code).toBe(
      'invalid_parameter',
    );
  });

  it('does not let a cursor reach into another tenant', async () => {
    const { body } = await api.get('admin', '/api/cost/agents?limit=2');
    const next = await api.get('acme', `/api/cost/agents?cursor=${body.data.next_cursor}`);
    expect(next.body.data.agents).toEqual([]);
  });
});

describe('POST /api/admin/agents/:id/budget', () => {
  it('sets a limit by name or id, as number or text, exact, once in the audit log', async () => {
    const { status, body, text } = await change('acme', 'writer', 'budget', { max_monthly_cost_usd: 100.5 });
    expect(status).toBe(200);
    expect(body.data).toMatchObject({
      agent_name: 'writer',
      budget_limit: 100.5,
      budget_is_default: false,
      remaining: 93.499497,
    });
    expect(digits(text, 'remaining')).toBe('93.499497');
    const again = await change('acme', body.data.agent_id, 'budget', { max_monthly_cost_usd: '100.50' });
    expect(again.body.data.budget_limit).toBe(100.5);
    const exact = await change('acme', 'writer', 'budget', { max_monthly_cost_usd: '0.000000000001' });
    expect(digits(exact.text, 'budget_limit')).toBe('0.000000000001');
    expect(
      (await audited('agent.set_limit')).map(({ tenant_id, details }) => [
        tenant_id,
        details['from_usd'],
        details['to_usd'],
      ]),
    ).toEqual([
      ['acme', null, '100.5'],
      ['acme', '100.5', '0.000000000001'],
    ]);
    expect((await agentsOf('acme'))[1]).toMatchObject({ budget_limit: 0.000000000001 });
    await change('acme', 'writer', 'budget', { max_monthly_cost_usd: null });
    expect((await agentsOf('acme'))[1]).toMatchObject({ budget_limit: 50, budget_is_default: true });
  });

  it('counts a limit of zero as used up by the first cent', async () => {
    const { body } = await change('acme', 'writer', 'budget', { max_monthly_cost_usd: 0 });
    expect(body.data).toMatchObject({ budget_limit: 0, remaining: -7.000503, utilization_pct: 100 });
    await change('acme', 'writer', 'budget', { max_monthly_cost_usd: null });
  });

  it.each([
    [{}],
    [{ max_monthly_cost_usd: -1 }],
    [{ max_monthly_cost_usd: '-0.01' }],
    [{ max_monthly_cost_usd: 'NaN' }],
    [{ max_monthly_cost_usd: '' }],
    [{ max_monthly_cost_usd: '1e999' }],
    [{ max_monthly_cost_usd: 1e300 }],
    [{ max_monthly_cost_usd: 1_000_000_001 }],
    [{ max_monthly_cost_usd: '0.0000000000001' }],
    [{ max_monthly_cost_usd: 5, limit: 5 }],
    [{ max_monthly_cost_usd: [5] }],
    [[]],
  ])('refuses %j and changes nothing', async (body) => {
    const before = await agentsOf('acme');
    const answer = await change('acme', 'crawler', 'budget', body);
    expect([answer.status, answer.body.error.code]).toEqual([400, 'invalid_body']);
    expect(await agentsOf('acme')).toEqual(before);
  });

  it('makes no agent, and knows none of another tenant', async () => {
    const count = async () => {
      const { rows } = await api.server.context.db.asOperator((tx) =>
        tx.query('select count(*) as n from agents'),
      );
      return rows;
    };
    const before = await count();
    const globexId = (await agentsOf('globex'))[0].agent_id;
    for (const agent of [
      'nobody',
      globexId,
      '00000000-0000-4000-8000-000000000000',
      "x'; drop table agents; --",
    ]) {
      const answer = await change('acme', agent, 'budget', { max_monthly_cost_usd: 1 });
      expect([answer.status, answer.body.error.code]).toEqual([404, 'not_found']);
    }
    expect(await count()).toEqual(before);
  });

  it('lets an administrator say which tenant is meant', async () => {
    expect((await change('admin', 'crawler', 'budget', { max_monthly_cost_usd: 1 })).body.error.code).toBe(
      'conflict',
    );
    const one = await change('admin', 'crawler', 'budget?tenant=globex', { max_monthly_cost_usd: 200 });
    expect(one.body.data).toMatchObject({ tenant: 'globex', budget_limit: 200 });
    expect((await agentsOf('acme'))[0].budget_limit).toBe(50);
    const { agent_id } = one.body.data;
    expect((await change('admin', agent_id, 'budget', { max_monthly_cost_usd: null })).body.data.tenant).toBe(
      'globex',
    );
    expect(
      (await change('admin', 'crawler', 'budget?tenant=nobody', { max_monthly_cost_usd: 1 })).status,
    ).toBe(404);
  });

  it('needs the permission agents:write', async () => {
    for (const who of ['acme-viewer', 'acme-ingest'] as const) {
      expect((await change(who, 'crawler', 'budget', { max_monthly_cost_usd: 1 })).status).toBe(403);
      expect((await change(who, 'crawler', 'pause')).status).toBe(403);
    }
    expect(
      (await change('acme', 'crawler', 'budget?tenant=globex', { max_monthly_cost_usd: 1 })).status,
    ).toBe(403);
  });
});

describe('pausing', () => {
  it('keeps who, when and why, and pausing twice is pausing once', async () => {
    const first = await change('acme', 'writer', 'pause', { reason: 'It calls itself.' });
    expect(first.body.data).toMatchObject({
      is_active: false,
      paused_at: '2026-11-22T13:07:33.000Z',
      pause_reason: 'It calls itself.',
      paused_by: expect.stringMatching(/^key:/),
    });
    const second = await change('acme-tenant_admin', 'writer', 'pause', { reason: 'Another one.' });
    expect(second.body.data).toEqual(first.body.data);
    expect((await agentsOf('acme'))[1]).toMatchObject({ is_active: false });
    expect(await audited('agent.pause')).toHaveLength(1);
  });

  it('ends with unpause, which may be said twice too', async () => {
    for (let time = 0; time < 2; time++) {
      const { status, body } = await change('acme', 'writer', 'unpause');
      expect(status).toBe(200);
      expect(body.data).toMatchObject({
        is_active: true,
        paused_at: null,
        paused_by: null,
        pause_reason: null,
      });
    }
    expect(await audited('agent.unpause')).toHaveLength(1);
    const { rows } = await api.server.context.db.asReader('acme', (tx) =>
      tx.query('select action, reason from pause_events order by id'),
    );
    expect(rows).toEqual([
      { action: 'pause', reason: 'It calls itself.' },
      { action: 'unpause', reason: null },
    ]);
  });

  it('at the same moment by many is done by one', async () => {
    const before = (await audited('agent.pause')).length;
    const answers = await Promise.all(Array.from({ length: 8 }, () => change('acme', 'crawler', 'pause')));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect((await audited('agent.pause')).length).toBe(before + 1);
    await change('acme', 'crawler', 'unpause');
  });
});

describe('POST /api/admin/agents/:id/budget/reset', () => {
  it('lets the month count from now on and changes no other figure', async () => {
    const month = async () => (await api.get('globex', '/api/cost/dashboard')).body.data.current_month;
    const before = await month();
    const { body } = await change('globex', 'crawler', 'budget/reset');
    expect(body.data).toMatchObject({
      current_cost: 0,
      remaining: 50,
      utilization_pct: 0,
      operation_count: 0,
      cost_since: new Date(NOW).toISOString(),
    });
    expect(await month()).toEqual(before);
    expect(before.total_cost).toBe(90);
    await record(api, 'globex', [
      { id: 'after', time: '2026-11-22T13:00:00Z', agent: 'crawler', input: 1_500_000, output: 0 },
    ]);
    expect(await agentsOf('globex')).toMatchObject([{ current_cost: 1.5, operation_count: 1 }]);
  });

  it('leaves a line in the audit log only where there was something to set back', async () => {
    await change('globex', 'crawler', 'budget/reset');
    await change('globex', 'crawler', 'budget/reset');
    expect(
      (await audited('agent.reset_spend')).map(({ details }) => [
        details['month'],
        details['month_cost_usd'],
      ]),
    ).toEqual([
      ['2026-11', '90'],
      ['2026-11', '91.5'],
    ]);
  });

  it('means nothing in the next month', async () => {
    api.setNow(Date.parse('2026-12-03T00:00:00Z'));
    await record(api, 'globex', [
      { id: 'december', time: '2026-12-02T00:00:00Z', agent: 'crawler', input: 2_000_000, output: 0 },
    ]);
    expect(await agentsOf('globex')).toMatchObject([
      { current_cost: 2, operation_count: 1, cost_since: '2026-11-30T18:15:00.000Z' },
    ]);
    api.setNow(NOW);
    expect(await agentsOf('globex')).toMatchObject([{ current_cost: 0 }]);
  });
});

describe('the deployment’s limit', () => {
  it('is where views can see it', async () => {
    const { rows } = await api.server.context.db.asReader('acme', (tx) =>
      tx.query('select max_monthly_cost_usd from agent_defaults'),
    );
    expect(rows).toEqual([{ max_monthly_cost_usd: '50.000000000000' }]);
  });
});
