import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, digits, recordLedgers, startApiServer } from './api-server.ts';

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
  await recordLedgers(api);
});
afterAll(() => api.stop());

/** This month: c1 … c7. */
const MONTH_USD = '40.001903';

interface Entry {
  readonly cost_usd: number;
  readonly operation_count: number;
}

describe('lists by dimension', () => {
  it('name models under their provider, with tokens, calls and shares, the dearest first', async () => {
    const { body, text } = await api.get('acme', '/api/cost/models');
    expect(body.data.models).toEqual([
      {
        provider: 'openai',
        model: 'round',
        cost_usd: 40.001403,
        operation_count: 5,
        input_tokens: 14_001_003,
        output_tokens: 13_000_200,
        total_tokens: 27_001_203,
        unpriced_requests: 0,
        share_pct: 100,
      },
      {
        provider: 'anthropic',
        model: 'round',
        cost_usd: 0.0005,
        operation_count: 1,
        input_tokens: 300,
        output_tokens: 100,
        total_tokens: 400,
        unpriced_requests: 0,
        share_pct: 0,
      },
      {
        provider: 'openai',
        model: 'nobody-sells-this',
        cost_usd: 0,
        operation_count: 1,
        input_tokens: 10,
        output_tokens: 5,
        total_tokens: 15,
        unpriced_requests: 1,
        share_pct: 0,
      },
    ]);
    expect(digits(text, 'cost_usd', '"total"')).toBe(MONTH_USD);
    expect(body.data).not.toHaveProperty('other');
    expect(body.data).toMatchObject({ from: '2026-10-31T23:00:00.000Z', to: '2026-11-22T23:00:00.000Z' });
  });

  it('name operations', async () => {
    const { body } = await api.get('acme', '/api/cost/operations');
    const figures = body.data.operations.map(
      ({ operation, cost_usd, operation_count }: Entry & { operation: string }) => [
        operation,
        cost_usd,
        operation_count,
      ],
    );
    expect(figures).toEqual([
      ['chat', 38.001903, 6],
      ['embedding', 2, 1],
    ]);
  });

  it.each([
    [
      'projects',
      'project',
      [
        ['search', 30.0014],
        [null, 8.000503],
        ['ads', 2],
      ],
    ],
    [
      'users',
      'user',
      [
        ['u-1', 31.0014],
        [null, 9.000003],
        ['u-2', 0.0005],
      ],
    ],
    [
      'workflows',
      'workflow',
      [
        [null, 32],
        ['wf-2', 8.000003],
        ['wf-1', 0.0019],
      ],
    ],
    [
      'tasks',
      'task',
      [
        [null, 33],
        ['summary', 7.000503],
        ['extract', 0.0014],
      ],
    ],
    [
      'tags?key=team',
      'value',
      [
        ['ads', 30],
        [null, 10.000003],
        ['search', 0.0019],
      ],
    ],
    [
      'tags?key=tier',
      'value',
      [
        [null, 40.001403],
        ['gold', 0.0005],
      ],
    ],
    ['tenants', 'tenant', [['acme', 40.001903]]],
  ])(
    'put every call of the month into one entry of %s, and leave out those of others',
    async (path, field, expected) => {
      const { status, body, text } = await api.get('acme', `/api/cost/${path}`);
      expect(status).toBe(200);
      const [list] = Object.entries(body.data)
        .filter(([, value]) => Array.isArray(value))
        .map(([, value]) => value);
      expect((list as Record<string, unknown>[]).map((entry) => [entry[field], entry['cost_usd']])).toEqual(
        expected,
      );
      expect(digits(text, 'cost_usd', '"total"')).toBe(MONTH_USD);
      expect(body.data.total.operation_count).toBe(7);
    },
  );

  it('sum what the limit leaves out', async () => {
    const { body } = await api.get('acme', '/api/cost/users?limit=1');
    expect(body.data.users).toHaveLength(1);
    expect(body.data.other).toMatchObject({ entries: 2, cost_usd: 9.000503, operation_count: 4 });
  });

  it('take a range, a zone and filters', async () => {
    const one = await api.get('acme', '/api/cost/models?from=2026-11-21&to=2026-11-21');
    expect(digits(one.text, 'cost_usd', '"total"')).toBe('7.000003');
    const inUtc = await api.get('acme', '/api/cost/models?from=2026-11-21&to=2026-11-21&timezone=UTC');
    expect(digits(inUtc.text, 'cost_usd', '"total"')).toBe('37.000003');
    const filtered = await api.get('acme', '/api/cost/projects?agent=crawler&tag.team=ads');
    expect(filtered.body.data.projects).toMatchObject([
      { project: 'search', cost_usd: 30, operation_count: 1 },
    ]);
  });

  it('show an administrator every tenant or one', async () => {
    const { body } = await api.get('admin', '/api/cost/tenants');
    expect(
      body.data.tenants.map(({ tenant, cost_usd }: Entry & { tenant: string }) => [tenant, cost_usd]),
    ).toEqual([
      ['globex', 90],
      ['acme', 39.001903], // the months of tenants of several zones are those of UTC
    ]);
    expect((await api.get('admin', '/api/cost/users?tenant=globex')).body.data.total.cost_usd).toBe(90);
    expect((await api.get('admin', '/api/cost/users?tenant=nobody')).body.error.code).toBe('unknown_tenant');
  });

  it('refuse another tenant, unknown parameters and tags without a key', async () => {
    expect((await api.get('acme', '/api/cost/users?tenant=globex')).status).toBe(403);
    expect((await api.get('acme', '/api/cost/users?tenant=nobody')).status).toBe(403);
    expect((await api.get('acme', '/api/cost/users?usr=u-1')).body.error.code).toBe('unknown_parameter');
    expect((await api.get('acme', '/api/cost/tags')).body.error.code).toBe('invalid_parameter');
    expect((await api.get('acme', '/api/cost/models?limit=0')).body.error.code).toBe('invalid_parameter');
    expect((await api.get('acme-ingest', '/api/cost/models')).status).toBe(403);
  });
});

describe('the report of a workflow', () => {
  const WF_1 = {
    workflow_id: 'wf-1',
    tenant_id: 'acme',
    total_requests: 3,
    total_input_tokens: 1310,
    total_output_tokens: 305,
    total_tokens: 1615,
    total_cost_usd: 0.0019,
    unpriced_requests: 1,
    first_request: '2026-11-22T11:00:00.000Z',
    last_request: '2026-11-22T12:00:30.500Z',
    models_used: ['nobody-sells-this', 'round'],
    providers_used: ['anthropic', 'openai'],
    model_breakdown: {
      'openai/round': { count: 1, input_tokens: 1000, output_tokens: 200, cost_usd: 0.0014 },
      'anthropic/round': { count: 1, input_tokens: 300, output_tokens: 100, cost_usd: 0.0005 },
      'openai/nobody-sells-this': { count: 1, input_tokens: 10, output_tokens: 5, cost_usd: 0 },
    },
  };

  it('holds every field that GET /api/v2/costs promises, exactly', async () => {
    const { status, body, text } = await api.get('acme', '/api/v2/costs?workflow_id=wf-1');
    expect(status).toBe(200);
    expect(body).toEqual({ success: true, data: WF_1, meta: { currency: 'USD' } });
    expect(digits(text, 'total_cost_usd')).toBe('0.0019');
  });

  it('adds the tasks under /api/cost/workflows', async () => {
    const { body } = await api.get('acme', '/api/cost/workflows/wf-1');
    expect(body.data).toEqual({
      ...WF_1,
      task_breakdown: [
        { task: 'extract', count: 1, input_tokens: 1000, output_tokens: 200, cost_usd: 0.0014 },
        { task: 'summary', count: 1, input_tokens: 300, output_tokens: 100, cost_usd: 0.0005 },
        { task: null, count: 1, input_tokens: 10, output_tokens: 5, cost_usd: 0 },
      ],
    });
  });

  it('covers all of its life, or the days asked for', async () => {
    const all = await api.get('acme', '/api/v2/costs?workflow_id=wf-2');
    expect(all.body.data).toMatchObject({
      total_requests: 3,
      total_cost_usd: 8.250003,
      first_request: '2026-10-31T22:59:00.000Z',
      last_request: '2026-11-21T22:59:59.000Z',
    });
    const november = await api.get('acme', '/api/v2/costs?workflow_id=wf-2&start_date=2026-11-01');
    expect(november.body.data).toMatchObject({
      total_requests: 2,
      total_cost_usd: 8.000003,
      first_request: '2026-10-31T23:00:00.000Z',
    });
    const nothing = await api.get(
      'acme',
      '/api/v2/costs?workflow_id=wf-2&start_date=2026-11-05&end_date=2026-11-06',
    );
    expect(nothing.body.data).toMatchObject({
      total_requests: 0,
      total_cost_usd: 0,
      first_request: null,
      model_breakdown: {},
    });
  });

  it('is refused in the same words whether another tenant has the workflow or nobody', async () => {
    const [foreign, nobodys] = await Promise.all(
      ['wf-g', 'wf-nowhere'].map((id) => api.get('acme', `/api/v2/costs?workflow_id=${id}`)),
    );
    expect(foreign?.status).toBe(403);
    expect(nobodys?.status).toBe(403);
    const words = ({ body }: { body: { error: { request_id?: string } } }) => ({
      ...body.error,
      request_id: '',
    });
    expect(foreign && words(foreign)).toEqual(nobodys && words(nobodys));
    const [other, none] = await Promise.all(
      ['wf-g', 'wf-nowhere'].map((id) => api.get('acme', `/api/cost/workflows/${id}`)),
    );
    expect([other?.status, none?.status]).toEqual([404, 404]);
    expect(other && words(other)).toEqual(none && words(none));
  });

  it('asks an administrator which tenant is meant where several have one of the name', async () => {
    expect((await api.get('admin', '/api/cost/workflows/wf-g')).body.data.tenant_id).toBe('globex');
    expect((await api.get('admin', '/api/v2/costs?workflow_id=wf-1&tenant=globex')).status).toBe(403);
    await api.send('globex', 'POST', '/api/usage/events', {
      provider: 'openai',
      model: 'round',
      workflow: 'wf-2',
      quantities: { input_uncached: 1 },
      time: '2020-01-01T00:00:00Z',
    });
    expect((await api.get('admin', '/api/cost/workflows/wf-2')).body.error.code).toBe('conflict');
    expect((await api.get('admin', '/api/v2/costs?workflow_id=wf-2')).body.error.code).toBe('conflict');
    expect(
      (await api.get('admin', '/api/v2/costs?workflow_id=wf-2&tenant=acme')).body.data.total_requests,
    ).toBe(3);
  });
});

describe('the report of a tenant', () => {
  it('holds every field that GET /api/v2/costs promises: the thirty days before today, and today', async () => {
    const { body, text } = await api.get('acme', '/api/v2/costs');
    expect(body).toEqual({
      success: true,
      data: {
        tenant_id: 'acme',
        timezone: 'Europe/Berlin',
        start_date: '2026-10-23',
        end_date: '2026-11-22',
        total_requests: 8,
        total_input_tokens: 14_251_313,
        total_output_tokens: 13_000_305,
        total_tokens: 27_251_618,
        total_cost_usd: 40.251903,
        unpriced_requests: 1,
        average_daily_cost: 8.0503806,
        daily_breakdown: {
          '2026-10-31': 0.25,
          '2026-11-01': 1,
          '2026-11-16': 2,
          '2026-11-21': 7.000003,
          '2026-11-22': 30.0019,
        },
        projected_monthly_cost: 241.511418,
      },
      meta: { currency: 'USD' },
    });
    expect(digits(text, 'projected_monthly_cost')).toBe('241.511418');
  });

  it('takes dates, times and local times, each for its whole day', async () => {
    for (const [start, end] of [
      ['2026-11-16', '2026-11-21'],
      ['2026-11-16T08:00:00Z', '2026-11-21T09:00:00Z'],
      ['2026-11-16T23:59:59', '2026-11-21T00:00:00.123456'],
    ]) {
      const { body } = await api.get('acme', `/api/v2/costs?start_date=${start}&end_date=${end}`);
      expect(body.data).toMatchObject({
        start_date: '2026-11-16',
        end_date: '2026-11-21',
        total_requests: 2,
        average_daily_cost: 4.5000015,
        daily_breakdown: { '2026-11-16': 2, '2026-11-21': 7.000003 },
        projected_monthly_cost: 135.000045,
      });
    }
  });

  it('is zero, not an error, where nothing was used', async () => {
    const { body } = await api.get('acme', '/api/v2/costs?start_date=2026-01-01&end_date=2026-01-31');
    expect(body.data).toMatchObject({
      total_requests: 0,
      total_cost_usd: 0,
      average_daily_cost: 0,
      daily_breakdown: {},
      projected_monthly_cost: 0,
    });
  });

  it('is the same under /api/cost/tenants, where another tenant is one that does not exist', async () => {
    const [one, two] = await Promise.all([
      api.get('acme', '/api/cost/tenants/acme/report'),
      api.get('acme', '/api/v2/costs'),
    ]);
    expect(one.body.data).toEqual(two.body.data);
    expect((await api.get('acme', '/api/cost/tenants/globex/report')).status).toBe(404);
    expect((await api.get('acme', '/api/cost/tenants/nobody/report')).status).toBe(404);
    expect((await api.get('admin', '/api/cost/tenants/nobody/report')).status).toBe(404);
    expect((await api.get('admin', '/api/cost/tenants/globex/report')).body.data.total_cost_usd).toBe(90);
  });

  it('sums all tenants for an administrator who names none', async () => {
    const { body } = await api.get('admin', '/api/v2/costs');
    expect(body.data).toMatchObject({ tenant_id: null, timezone: 'UTC', total_cost_usd: 130.251903 });
  });

  it('refuses an end before the beginning and more than five years', async () => {
    for (const range of [
      'start_date=2026-11-22&end_date=2026-11-21',
      'start_date=2016-01-01',
      'start_date=yesterday',
    ]) {
      const { status, body } = await api.get('acme', `/api/v2/costs?${range}`);
      expect([status, body.error.code]).toEqual([400, 'invalid_parameter']);
    }
    expect((await api.get('acme', '/api/v2/costs?workflow=wf-1')).body.error.code).toBe('unknown_parameter');
  });
});
