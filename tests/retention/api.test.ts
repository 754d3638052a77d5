import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../server/test-server.ts';
import { DAY } from './ledger.ts';

let server: TestServer;
let managerKey: string;
beforeAll(async () => {
  server = await startTestServer({ FARTHING_RETENTION_DAYS: '365' });
  const made = await server.send('POST', '/api/admin/keys', {
    body: { name: 'manager', tenant: 'acme', role: 'tenant_admin' },
  });
  managerKey = made.body.data.key;
  const events = Array.from({ length: 40 }, (_, index) => ({
    id: `call-${index}`,
    time: new Date(Date.now() - index * DAY - 3_600_000).toISOString(),
    provider: 'openai',
    model: 'gpt-4o-mini',
    user: index % 2 === 0 ? 'jane.doe' : 'john',
    usage: { prompt_tokens: 1200, completion_tokens: 80 },
  }));
  await server.send('POST', '/api/usage/events', { key: server.acmeKey, body: events });
});
afterAll(() => server.stop());

describe('retention', () => {
  test('a dry run, the default, tells what would go and changes nothing', async () => {
    const tried = await server.send('PUT', '/api/admin/tenants/acme/retention', {
      key: managerKey,
      body: { days: 10 },
    });
    expect(tried.status).toBe(200);
    expect(tried.body.data).toMatchObject({
      days: 10,
      instance_days: 365,
      effective_days: 10,
      dry_run: true,
    });
    expect(tried.body.data.events_going).toBeGreaterThanOrEqual(28);
    expect(tried.body.data.events_going).toBeLessThanOrEqual(30);
    const now = await server.send('GET', '/api/admin/tenants/acme/retention', { key: managerKey });
    expect(now.body.data).toMatchObject({
      days: null,
      effective_days: 365,
      events_from: null,
      events_going: 0,
    });
  });

  test('setting it is audited, and the events go with the next round', async () => {
    const set = await server.send('PUT', '/api/admin/tenants/acme/retention', {
      key: managerKey,
      body: { days: 200, dry_run: false },
    });
    expect(set.body.data).toMatchObject({ days: 200, dry_run: false, events_from: null });
    const { body } = await server.send('GET', '/api/admin/audit?tenant=acme');
    expect(JSON.stringify(body.data)).toContain('retention.set');
    expect((await server.send('POST', '/api/admin/jobs/retention/run', {})).status).toBe(202);
    await until(async () => {
      const { body } = await server.send('GET', '/api/admin/tenants/acme/retention');
      return body.data.events_from !== null;
    });
  });

  test('another tenant is none at all, and a member may not', async () => {
    const answers = await Promise.all(
      ['globex', 'no-such-tenant'].map((id) =>
        server.send('GET', `/api/admin/tenants/${id}/retention`, { key: managerKey }),
      ),
    );
    const [foreign, unknown] = answers.map(({ status, body }) => [
      status,
      body.error?.code,
      body.error?.message,
    ]);
    expect(foreign).toEqual([404, 'not_found', 'There is no tenant with this id.']);
    expect(unknown).toEqual(foreign);
    const member = await server.send('PUT', '/api/admin/tenants/acme/retention', {
      key: server.acmeKey,
      body: { days: 1, dry_run: false },
    });
    expect(member.status).toBe(403);
  });

  test.each([0, -1, 1.5, 36_501, '10', undefined])('%s days are refused', async (days) => {
    const { status } = await server.send('PUT', '/api/admin/tenants/acme/retention', { body: { days } });
    expect(status).toBe(400);
  });
});

describe('erasure', () => {
  test('a tenant’s manager erases a person and follows it; the answer never holds the name', async () => {
    const before = await server.send('GET', '/api/cost/summary?tenant=acme');
    const started = await server.send('POST', '/api/admin/erasure', {
      key: managerKey,
      body: { user: 'jane.doe' },
    });
    expect(started.status).toBe(202);
    const { id } = started.body.data;
    const done = await until(async () => {
      const { body } = await server.send('GET', `/api/admin/erasure/${id}`, { key: managerKey });
      return body.data.status === 'done' && body.data;
    });
    expect(done).toMatchObject({ tenant: 'acme', events: 20, error: null });
    expect(JSON.stringify([started.body, done])).not.toContain('jane');
    const users = await server.send('GET', '/api/usage/events?user=jane.doe&tenant=acme');
    expect(users.body.data.events).toEqual([]);
    const after = await server.send('GET', '/api/cost/summary?tenant=acme');
    expect(after.body.data).toEqual(before.body.data);
    expect(server.lines.join('')).not.toContain('jane.doe');
  });

  test('nobody else’s erasure is shown, and none of an unknown tenant begins', async () => {
    const made = await server.send('POST', '/api/admin/erasure', { body: { user: 'x', tenant: 'globex' } });
    const foreign = await server.send('GET', `/api/admin/erasure/${made.body.data.id}`, { key: managerKey });
    const unknown = await server.send('GET', '/api/admin/erasure/01930000-0000-7000-8000-0000000000ff', {
      key: managerKey,
    });
    expect([foreign.status, foreign.body.error?.message]).toEqual([404, unknown.body.error?.message]);
    const list = await server.send('GET', '/api/admin/erasure', { key: managerKey });
    expect(list.body.data.erasures.map(({ tenant }: { tenant: string }) => tenant)).toEqual(['acme']);
    const nowhere = await server.send('POST', '/api/admin/erasure', {
      body: { user: 'x', tenant: 'nowhere' },
    });
    expect([nowhere.status, nowhere.body.error?.code]).toEqual([400, 'unknown_tenant']);
  });

  test('one that would reach far ahead is refused', async () => {
    const before = new Date(Date.now() + 3 * DAY).toISOString();
    const { status, body } = await server.send('POST', '/api/admin/erasure', { body: { user: 'x', before } });
    expect([status, body.error?.code]).toEqual([400, 'invalid_body']);
  });
});

describe('the watch', () => {
  test('a proof can be asked for, is shown, and stands in the metrics; a damaged ledger says 1', async () => {
    const proof = await server.send('POST', '/api/admin/invariants/check', {});
    expect(proof.body.data).toMatchObject({
      finished: true,
      invariants: [
        { invariant: 'I3', ok: true },
        { invariant: 'I8', ok: true },
      ],
    });
    expect(await metrics()).toContain('farthing_invariant_broken{invariant="I3"} 0');
    await server.server.context.db.asOperator((tx) =>
      tx.query(
        "update rollups_15m set requests = requests + 1 where tenant_id = 'acme' and dimension = 'all'",
      ),
    );
    await server.send('POST', '/api/admin/invariants/check', {});
    const shown = await server.send('GET', '/api/admin/invariants');
    expect(shown.body.data.invariants[0]).toMatchObject({
      invariant: 'I3',
      ok: false,
      difference: {
        tenant: 'acme',
        table: 'rollups_15m',
        dimension: 'all',
        columns: [{ column: 'requests' }],
      },
    });
    const scraped = await metrics();
    expect(scraped).toContain('farthing_invariant_broken{invariant="I3"} 1');
    expect(scraped).toContain('farthing_invariant_broken{invariant="I8"} 0');
    expect(scraped).toMatch(/farthing_invariant_checked_timestamp_seconds\{invariant="I3"\} \d{10}/);
    expect(scraped).toMatch(/farthing_build_info\{version="[^"]+",node="v\d+[^"]*"\} 1/);
    expect(scraped).toContain('farthing_job_failures{job="retention"} 0');
  });

  test('metrics, jobs and invariants are for who manages the instance', async () => {
    for (const path of ['/metrics', '/api/admin/jobs', '/api/admin/invariants']) {
      expect([path, (await server.send('GET', path, { key: null })).status]).toEqual([path, 401]);
      expect([path, (await server.send('GET', path, { key: managerKey })).status]).toEqual([path, 403]);
    }
  });

  test('jobs tell what they are, whether this process does them, and what the last run did', async () => {
    const { body } = await server.send('GET', '/api/admin/jobs');
    expect(body.data.state).toBe('off');
    const names = body.data.jobs.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(['partitions', 'retention', 'erasures', 'invariants']));
    const retention = body.data.jobs.find(({ name }: { name: string }) => name === 'retention');
    expect(retention.last).toMatchObject({ outcome: 'done', note: { complete: true, events_deleted: 0 } });
    expect((await server.send('POST', '/api/admin/jobs/no-such-job/run', {})).status).toBe(404);
  });
});

async function metrics(): Promise<string> {
  const { body, headers } = await server.server.app.inject({
    url: '/metrics',
    headers: { authorization: `Bearer ${server.adminKey}` },
  });
  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  return body;
}

async function until<Value>(reached: () => Promise<Value | false>): Promise<Value> {
  for (;;) {
    const value = await reached();
    if (value !== false) return value;
    await sleep(20);
  }
}
