import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { alertsJob } from '../../packages/server/src/alerts/jobs.ts';
import { type ApiServer, NOW, record, startApiServer, type Who } from './api-server.ts';

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer({ AGENT_MAX_MONTHLY_COST_USD: '50' });
});
afterAll(() => api.stop());

let calls = 0;
/** Records one call of so many dollars, now. */
const spend = (who: Who, dollars: number, more: Readonly<Record<string, string>> = {}) => {
  calls += 1;
  const time = '2026-11-22T13:00:00Z';
  return record(api, who, [{ id: `call-${calls}`, time, input: dollars * 1_000_000, output: 0, ...more }]);
};
const alertsOf = async (who: Who, query = '') => {
  const { status, body, text } = await api.get(who, `/api/ops/alerts${query}`);
  if (status !== 200) throw new Error(text);
  return body.data.alerts;
};
const brief = (alerts: readonly Record<string, unknown>[]) =>
  alerts.map(({ subject, threshold, severity }) => [subject, threshold, severity]);
const told = () => api.log().filter(({ msg }) => msg === 'Budget alert');
const add = (who: Who, body: unknown) => api.send(who, 'POST', '/api/ops/alerts/thresholds', body);

beforeEach(async () => {
  api.setNow(NOW);
  await api.server.context.db.asOperator(async (tx) => {
    await tx.query('delete from alerts');
    await tx.query('delete from alert_thresholds');
  });
});

describe('agents', () => {
  it('are told about at 50, 75, 90 and 100 % of their limit, once each, with a line in the log', async () => {
    const before = told().length;
    expect(await alertsOf('acme')).toEqual([]);
    await spend('acme', 28.3, { agent: 'signal-processor' });
    const [alert] = await alertsOf('acme');
    expect(alert).toEqual({
      id: expect.stringMatching(/^\d+$/),
      tenant: 'acme',
      alert_name: 'agent_budget_threshold',
      severity: 'info',
      message: 'Agent "signal-processor" has spent $28.3 of its $50 this month (56.6 %): 50 % reached.',
      metric_value: 56.6,
      threshold: 50,
      cost_usd: 28.3,
      limit_usd: 50,
      scope: 'agent',
      subject: 'signal-processor',
      period: 'month',
      period_start: '2026-10-31T23:00:00.000Z',
      threshold_id: null,
      superseded_by: null,
      created_at: expect.any(String),
    });
    await spend('acme', 16.7, { agent: 'signal-processor' });
    await spend('acme', 5, { agent: 'signal-processor' });
    const every = '?superseded=shown';
    expect(brief(await alertsOf('acme', every))).toEqual([
      ['signal-processor', 100, 'critical'],
      ['signal-processor', 90, 'critical'],
      ['signal-processor', 75, 'warning'],
      ['signal-processor', 50, 'info'],
    ]);
    await spend('acme', 50, { agent: 'signal-processor' });
    expect(await alertsOf('acme', every)).toHaveLength(4);
    expect(told().slice(before)).toMatchObject([
      { level: 'warn', tenant: 'acme', subject: 'signal-processor', threshold: '50', metric_value: '56.6' },
      { level: 'info', threshold: '75', superseded: true },
      { level: 'info', threshold: '90', superseded: true },
      { level: 'warn', threshold: '100' },
    ]);
  });

  it('at exactly half of the limit have reached it, a picodollar below not', async () => {
    await api.server.context.db.asOperator((tx) =>
      tx.query(
        "insert into agents (tenant_id, name, max_monthly_cost_usd) values ('acme', 'edge', 2.000000000002)",
      ),
    );
    await spend('acme', 1, { agent: 'edge' });
    expect(await alertsOf('acme', '?subject=edge')).toEqual([]);
    await api.send('acme', 'POST', '/api/admin/agents/edge/budget', { max_monthly_cost_usd: 2 });
    expect(brief(await alertsOf('acme', '?subject=edge'))).toEqual([['edge', 50, 'info']]);
  });

  it('can reach a share anew with another limit, after a reset, and in another month', async () => {
    const setLimit = (limit: number) =>
      api.send('acme', 'POST', '/api/admin/agents/again/budget', { max_monthly_cost_usd: limit });
    await spend('acme', 25, { agent: 'again' });
    const shares = async () =>
      (await alertsOf('acme', '?subject=again')).map(
        ({ threshold, limit_usd }: Record<string, unknown>) => `${threshold}@${limit_usd}`,
      );
    expect(await shares()).toEqual(['50@50']);
    await setLimit(40);
    expect(await shares()).toEqual(['50@40', '50@50']);
    await setLimit(50);
    expect(await shares()).toEqual(['50@40', '50@50']);
    await api.send('acme', 'POST', '/api/admin/agents/again/budget/reset');
    expect(await shares()).toEqual(['50@40', '50@50']);
    await spend('acme', 26, { agent: 'again' });
    expect(await shares()).toEqual(['50@50', '50@40', '50@50']);
    api.setNow(Date.parse('2026-12-10T00:00:00Z'));
    await record(api, 'acme', [
      { id: 'december', time: '2026-12-09T00:00:00Z', agent: 'again', input: 30_000_000, output: 0 },
    ]);
    expect(await shares()).toEqual(['50@50', '50@50', '50@40', '50@50']);
  });

  it('are told about once by many who look at the same moment', async () => {
    await spend('acme', 60, { agent: 'race' });
    const before = told().length;
    await Promise.all(Array.from({ length: 8 }, () => alertsOf('acme')));
    const all = '?subject=race&superseded=shown';
    expect(brief(await alertsOf('acme', all)).map(([, share]) => share)).toEqual(
      expect.arrayContaining([50, 75, 90, 100]),
    );
    expect(await alertsOf('acme', all)).toHaveLength(4);
    expect(await alertsOf('acme', '?subject=race')).toHaveLength(1);
    expect(
      told()
        .slice(before)
        .filter(({ subject }) => subject === 'race'),
    ).toHaveLength(4);
  });
});

describe('thresholds', () => {
  it('tell a tenant’s day once it reaches the amount, and the next day anew', async () => {
    const created = await add('globex', { period: 'day', amount_usd: '100', name: 'too much' });
    expect(created.status).toBe(201);
    expect(created.body.data).toMatchObject({
      tenant: 'globex',
      name: 'too much',
      scope: 'tenant',
      subject: null,
      period: 'day',
      amount_usd: 100,
      severity: 'warning',
      enabled: true,
      created_by: expect.stringMatching(/^key:/),
    });
    await spend('globex', 99);
    expect(await alertsOf('globex', '?scope=tenant')).toEqual([]);
    await spend('globex', 1);
    expect(await alertsOf('globex', '?scope=tenant')).toMatchObject([
      {
        alert_name: 'daily_threshold',
        severity: 'warning',
        message: 'Tenant "globex" spent $100 today: $100 reached.',
        metric_value: 100,
        threshold: 100,
        period_start: '2026-11-21T18:15:00.000Z',
        threshold_id: created.body.data.id,
      },
    ]);
    expect(await alertsOf('globex', '?scope=tenant')).toHaveLength(1);
    api.setNow(NOW + 86_400_000);
    expect(await alertsOf('globex', '?scope=tenant')).toHaveLength(1);
    await record(api, 'globex', [
      { id: 'next-day', time: '2026-11-23T12:00:00Z', input: 200_000_000, output: 0 },
    ]);
    expect(await alertsOf('globex', '?scope=tenant')).toHaveLength(2);
    expect(await alertsOf('acme', '?scope=tenant')).toEqual([]);
  });

  it('tell each project, agent, user, environment and workflow on its own, or the one named', async () => {
    await spend('acme', 7, {
      project: 'search',
      environment: 'prod',
      user: 'u-1',
      workflow: 'wf-1',
      agent: 'bee',
    });
    await spend('acme', 3, {
      project: 'ads',
      environment: 'dev',
      user: 'u-2',
      workflow: 'wf-2',
      agent: 'ant',
    });
    for (const scope of ['project', 'environment', 'user', 'workflow']) {
      await add('acme', { scope, period: 'week', amount_usd: 2, severity: 'info' });
    }
    await add('acme', {
      scope: 'agent',
      subject: 'ant',
      period: 'month',
      amount_usd: 2.5,
      severity: 'critical',
    });
    await add('acme', { scope: 'agent', subject: 'bee', period: 'month', amount_usd: 8 });
    await add('acme', { scope: 'project', period: 'day', amount_usd: 1, enabled: false });
    const seen = (await alertsOf('acme')).filter(
      ({ alert_name }: Record<string, unknown>) => alert_name !== 'agent_budget_threshold',
    );
    expect(
      seen
        .map(({ scope, subject, alert_name }: Record<string, unknown>) => `${scope} ${subject} ${alert_name}`)
        .sort(),
    ).toEqual([
      'agent ant monthly_threshold',
      'environment dev weekly_threshold',
      'environment prod weekly_threshold',
      'project ads weekly_threshold',
      'project search weekly_threshold',
      'user u-1 weekly_threshold',
      'user u-2 weekly_threshold',
      'workflow wf-1 weekly_threshold',
      'workflow wf-2 weekly_threshold',
    ]);
  });

  it('of administrators hold for every tenant, or for the sum of all', async () => {
    await spend('acme', 5, { project: 'each' });
    await spend('globex', 5, { project: 'each' });
    expect(
      (await add('admin', { scope: 'project', subject: 'each', period: 'day', amount_usd: 5 })).body.data
        .tenant,
    ).toBeNull();
    await add('admin', { scope: 'instance', period: 'month', amount_usd: 10, severity: 'critical' });
    const subjects = (alerts: Record<string, unknown>[]) =>
      alerts.filter(({ scope }) => scope !== 'agent').map(({ tenant, scope }) => `${tenant} ${scope}`);
    expect(subjects(await alertsOf('acme'))).toEqual(['acme project']);
    expect(subjects(await alertsOf('admin')).sort()).toEqual([
      'acme project',
      'globex project',
      'null instance',
    ]);
    expect(subjects(await alertsOf('globex'))).toEqual(['globex project']);
    expect(subjects(await alertsOf('admin', '?tenant=acme'))).toEqual(['acme project']);
  });

  it('are changed, listed page by page and removed; what they told stays', async () => {
    const ids: string[] = [];
    for (let n = 1; n <= 3; n++) ids.push((await add('acme', { period: 'day', amount_usd: n })).body.data.id);
    const walked: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const { body } = await api.get('acme', `/api/ops/alerts/thresholds?limit=2${page}`);
      walked.push(...body.data.thresholds.map(({ id }: { id: string }) => id));
      expect(
        body.data.agent_budget.map(({ threshold_pct }: { threshold_pct: number }) => threshold_pct),
      ).toEqual([50, 75, 90, 100]);
      cursor = body.data.next_cursor;
    }
    expect([...walked].sort()).toEqual([...ids].sort());
    const path = `/api/ops/alerts/thresholds/${ids[0]}`;
    const replaced = await api.send('acme', 'PUT', path, {
      scope: 'agent',
      period: 'week',
      amount_usd: 0.5,
      severity: 'critical',
    });
    expect(replaced.body.data).toMatchObject({
      id: ids[0],
      scope: 'agent',
      period: 'week',
      amount_usd: 0.5,
      name: null,
    });
    expect((await api.get('acme', path)).body.data).toEqual(replaced.body.data);
    await spend('acme', 1, { agent: 'kept' });
    const before = await alertsOf('acme', '?subject=kept');
    expect(before).toHaveLength(1);
    expect((await api.send('acme', 'DELETE', path)).body.data.id).toBe(ids[0]);
    expect((await api.get('acme', path)).status).toBe(404);
    expect((await api.send('acme', 'DELETE', path)).status).toBe(404);
    expect(await alertsOf('acme', '?subject=kept')).toEqual(before);
    const { rows } = await api.server.context.db.asOperator((tx) =>
      tx.query("select action from audit_log where details ->> 'threshold' = $1 order by id", [ids[0]]),
    );
    expect(rows).toEqual([
      { action: 'threshold.create' },
      { action: 'threshold.replace' },
      { action: 'threshold.remove' },
    ]);
  });

  it('of another tenant are answered as if they did not exist', async () => {
    const { id } = (await add('globex', { period: 'day', amount_usd: 1 })).body.data;
    const ofAll = (await add('admin', { period: 'day', amount_usd: 1 })).body.data.id;
    for (const other of [id, ofAll, '00000000-0000-4000-8000-000000000000', 'none']) {
      const path = `/api/ops/alerts/thresholds/${other}`;
      expect((await api.get('acme', path)).body.error.code).toBe('not_found');
      expect((await api.send('acme', 'PUT', path, { period: 'day', amount_usd: 2 })).body.error.code).toBe(
        'not_found',
      );
      expect((await api.send('acme', 'DELETE', path)).body.error.code).toBe('not_found');
    }
    expect((await api.get('globex', `/api/ops/alerts/thresholds/${id}`)).body.data.amount_usd).toBe(1);
    expect((await api.get('acme', '/api/ops/alerts/thresholds')).body.data.thresholds).toEqual([]);
    expect((await api.get('admin', '/api/ops/alerts/thresholds')).body.data.thresholds).toHaveLength(2);
  });

  it.each([
    [{}],
    [{ period: 'day' }],
    [{ period: 'day', amount_usd: 0 }],
    [{ period: 'day', amount_usd: -5 }],
    [{ period: 'day', amount_usd: 'much' }],
    [{ period: 'day', amount_usd: 1e30 }],
    [{ period: 'year', amount_usd: 5 }],
    [{ period: 'day', amount_usd: 5, severity: 'fatal' }],
    [{ period: 'day', amount_usd: 5, scope: 'tenant', subject: 'globex' }],
    [{ period: 'day', amount_usd: 5, scope: 'agent', subject: '' }],
    [{ period: 'day', amount_usd: 5, who: 'me' }],
  ])('refuse %j', async (body) => {
    const answer = await add('acme', body);
    expect([answer.status, answer.body.error.code]).toEqual([400, 'invalid_body']);
  });

  it('need alerts:write, and the sum of all tenants an administrator', async () => {
    expect((await add('acme-viewer', { period: 'day', amount_usd: 5 })).status).toBe(403);
    expect((await add('acme', { scope: 'instance', period: 'day', amount_usd: 5 })).status).toBe(403);
    expect((await add('acme', { tenant: 'globex', period: 'day', amount_usd: 5 })).status).toBe(403);
    expect((await add('admin', { tenant: 'nobody', period: 'day', amount_usd: 5 })).body.error.code).toBe(
      'unknown_tenant',
    );
    const own = (await add('acme', { period: 'day', amount_usd: 5 })).body.data.id;
    const put = await api.send('acme', 'PUT', `/api/ops/alerts/thresholds/${own}`, {
      scope: 'instance',
      period: 'day',
      amount_usd: 5,
    });
    expect(put.status).toBe(403);
  });

  it('are at most 200 of a tenant', async () => {
    await api.server.context.db.asOperator((tx) =>
      tx.query(`insert into alert_thresholds (tenant_id, scope, period, amount_usd, severity, created_by)
        select 'acme', 'tenant', 'day', n, 'info', 'test' from generate_series(1, 200) n`),
    );
    expect((await add('acme', { period: 'day', amount_usd: 5 })).body.error.code).toBe('conflict');
    expect((await add('globex', { period: 'day', amount_usd: 5 })).status).toBe(201);
  });
});

describe('GET /api/ops/alerts', () => {
  it('is filtered, and walked by cursor, every alert once', async () => {
    for (const severity of ['info', 'warning', 'critical'])
      await add('acme', { period: 'day', amount_usd: 0.01, severity });
    await spend('acme', 1);
    const seen = (await alertsOf('acme', '?scope=tenant')).map(({ id }: { id: string }) => id);
    expect(seen).toHaveLength(3);
    const walked: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const { body } = await api.get('acme', `/api/ops/alerts?scope=tenant&limit=1${page}`);
      walked.push(...body.data.alerts.map(({ id }: { id: string }) => id));
      cursor = body.data.next_cursor;
    }
    expect(walked).toEqual(seen);
    expect(await alertsOf('acme', '?severity=critical&alert_name=daily_threshold')).toHaveLength(1);
    expect(await alertsOf('acme', '?from=2020-01-01&to=2020-01-02')).toEqual([]);
    for (const query of ['severity=loud', 'superseded=maybe', 'cursor=bogus', 'alert=daily', 'from=soon'])
      expect((await api.get('acme', `/api/ops/alerts?${query}`)).status).toBe(400);
  });
});

describe('the periodic look', () => {
  it('tells what was reached while nobody asked, and says how much', async () => {
    await add('globex', { period: 'day', amount_usd: 0.5, scope: 'user' });
    await spend('globex', 1, { user: 'night-owl' });
    const job = alertsJob(api.server.context.alerts);
    const first = await job.run(AbortSignal.timeout(60_000));
    expect(first['told']).toBeGreaterThan(0);
    expect(await job.run(AbortSignal.timeout(60_000))).toEqual({ told: 0 });
    const { rows } = await api.server.context.db.asReader('globex', (tx) =>
      tx.query("select alert_name, subject from alerts where scope = 'user'"),
    );
    expect(rows).toEqual([{ alert_name: 'daily_threshold', subject: 'night-owl' }]);
  });
});
