import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SeedEvent, seedEvent, seedEvents } from '../postgres/seed-events.ts';
import { type ReadingServer, startReading } from './reading-harness.ts';

const NOW = Date.UTC(2026, 10, 22, 13, 7, 33); // 14:07 in Berlin
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const USD = 10n ** 12n;

let server: ReadingServer;
const acme: SeedEvent[] = [];

beforeAll(async () => {
  server = await startReading(NOW);
  const add = (hoursAgo: number, costPicos: bigint | null, more: Partial<SeedEvent> = {}) =>
    acme.push(seedEvent({ tenant: 'acme', time: NOW - hoursAgo * HOUR, costPicos, ...more }));
  add(1, 435_000_000n, { agent: 'crawler', id: 'a/b c?#%/ü', tags: { team: 'search' } });
  add(2, 1n, { agent: 'writer', model: 'claude-sonnet-4-5', provider: 'anthropic' });
  add(3, null, { agent: 'crawler', model: 'unknown-model', status: 'error' });
  add(25, 2n * USD, { workflow: 'wf-1' });
  add(22, 7n * USD); // yesterday, but after the same time of day
  for (let day = 2; day < 40; day++) add(day * 24, BigInt(day) * 1_000_003n, { agent: 'crawler' });
  await seedEvents(server.database, acme);
  await seedEvents(server.database, [
    seedEvent({
      tenant: 'globex',
      id: 'secret',
      time: NOW - HOUR,
      costPicos: 99_887_766n * USD,
      agent: 'spy',
    }),
    seedEvent({ tenant: 'globex', id: 'a/b c?#%/ü', time: NOW - HOUR, costPicos: 1n }),
  ]);
});
afterAll(() => server.drop());

const sum = (list: readonly SeedEvent[]) =>
  list.reduce((total, event) => total + (event.costPicos ?? 0n), 0n);
/** The amount behind `"name":` in the text of an answer, where its digits still are. */
const literal = (text: string, name: string) => new RegExp(`"${name}":([-0-9.eE+]+)`).exec(text)?.[1];
const dollars = (picos: bigint) =>
  `${picos / USD}.${(picos % USD).toString().padStart(12, '0')}`.replace(/\.?0+$/, '');
const since = (time: number) => acme.filter((event) => event.time >= time);
const midnight = Date.UTC(2026, 10, 21, 23); // in Berlin
const monthStart = Date.UTC(2026, 9, 31, 23);

describe('GET /api/cost/dashboard', () => {
  it('gives today and this month in the reporting zone, exact to the last digit, beside the same part of the period before', async () => {
    const { status, body, text } = await server.get('acme', '/api/cost/dashboard');
    expect(status).toBe(200);
    expect(body.success).toBe(true);
    expect(body.data.today.date).toBe('2026-11-22');
    expect(body.data.current_month.month).toBe('2026-11');
    expect(literal(text.slice(text.indexOf('"today"')), 'total_cost')).toBe(dollars(sum(since(midnight))));
    expect(literal(text.slice(text.indexOf('"current_month"')), 'total_cost')).toBe(
      dollars(sum(since(monthStart))),
    );
    const yesterday = acme.filter((event) => event.time >= midnight - DAY && event.time < NOW - DAY);
    expect(literal(text.slice(text.indexOf('"today"')), 'previous_total_cost')).toBe(dollars(sum(yesterday)));
    expect(literal(text.slice(text.indexOf('"all_time"')), 'total_cost')).toBe(dollars(sum(acme)));
    expect(body.data.all_time).toMatchObject({
      operation_count: acme.length,
      unpriced_requests: 1,
      since: '2026-10-14',
    });
    expect(body.data.unpriced_requests).toBe(1);
  });

  it('leads with agents and models by cost, agents under the id they were registered with', async () => {
    const { body } = await server.get('acme', '/api/cost/dashboard?limit=2');
    expect(body.data.top_agents.map((agent: { agent_name: string }) => agent.agent_name)).toEqual([
      'crawler',
      'writer',
    ]);
    expect(body.data.top_agents[0].agent_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(body.data.top_models[0]).toMatchObject({ provider: 'openai', model: 'gpt-5.2' });
    expect(body.data.top_models).toHaveLength(2);
  });

  it('shows an administrator every tenant, or the one asked for', async () => {
    const all = await server.get('admin', '/api/cost/dashboard');
    expect(literal(all.text.slice(all.text.indexOf('"all_time"')), 'total_cost')).toBe(
      dollars(sum(acme) + 99_887_766n * USD + 1n),
    );
    const one = await server.get('admin', '/api/cost/dashboard?tenant=globex');
    expect(one.body.data.all_time.operation_count).toBe(2);
    expect((await server.get('admin', '/api/cost/dashboard?tenant=nobody')).body.error.code).toBe(
      'unknown_tenant',
    );
  });
});

describe('GET /api/cost/summary', () => {
  it('sums what the filters keep, its groups to the total', async () => {
    const { body, text } = await server.get(
      'acme',
      '/api/cost/summary?from=2026-10-01&to=2026-11-22&group_by=agent',
    );
    expect(literal(text, 'total_cost')).toBe(dollars(sum(acme)));
    expect(body.data).toMatchObject({
      timezone: 'Europe/Berlin',
      total_requests: acme.length,
      unpriced_requests: 1,
    });
    expect(body.data.from).toBe('2026-09-30T22:00:00.000Z');
    expect(body.data.to).toBe('2026-11-22T23:00:00.000Z');
    const requests = body.data.groups.map((group: { requests: number }) => group.requests);
    expect(requests.reduce((a: number, b: number) => a + b)).toBe(acme.length);
    expect(body.data.total_tokens).toBe(body.data.input_tokens + body.data.output_tokens);
  });

  it('filters by lists, tags and missing values', async () => {
    const count = async (query: string) =>
      (await server.get('acme', `/api/cost/summary?from=2026-10-01&${query}`)).body.data.total_requests;
    expect(await count('agent=crawler&agent=writer')).toBe(
      acme.filter((event) => event.agent !== null).length,
    );
    expect(await count('agent=')).toBe(acme.filter((event) => event.agent === null).length);
    expect(await count('tag.team=search')).toBe(1);
    expect(await count('workflow=wf-1&model=gpt-5.2')).toBe(1);
    expect(await count('model=nothing')).toBe(0);
  });

  it('puts what the limit leaves out into other', async () => {
    const { body } = await server.get(
      'acme',
      '/api/cost/summary?from=2026-10-01&group_by=provider,model&limit=1',
    );
    expect(body.data.groups).toHaveLength(1);
    expect(body.data.groups[0].keys).toEqual({ provider: 'openai', model: 'gpt-5.2' });
    expect(body.data.other).toMatchObject({ groups: 2, requests: 2 });
  });
});

describe('GET /api/cost/trends', () => {
  it('gives every day, today marked as partial, and a month to date that is the dashboard’s', async () => {
    const { body, text } = await server.get('acme', '/api/cost/trends?days=30');
    expect(body.data.days).toHaveLength(30);
    expect(body.data.days[0].date).toBe('2026-10-24');
    expect(body.data.days.at(-1)).toMatchObject({ date: '2026-11-22', partial: true, operation_count: 3 });
    expect(body.data.days.filter((day: { partial: boolean }) => day.partial)).toHaveLength(1);
    expect(literal(text, 'month_to_date')).toBe(dollars(sum(since(monthStart))));
    expect(body.data.confidence).toBe('low'); // nearly all of it in one day
    const empty = await server.get('globex', '/api/cost/trends?days=3');
    expect(empty.body.data.days.map((day: { total_cost: number }) => day.total_cost)).toEqual([
      0, 0, 99_887_766,
    ]);
  });
});

describe('GET /api/usage/events', () => {
  it('shows every event exactly once by cursor, newest first, while newer ones arrive', async () => {
    const seen: string[] = [];
    let cursor = '';
    for (let page = 0; page < 100; page++) {
      const { body } = await server.get(
        'acme',
        `/api/usage/events?limit=7${cursor === '' ? '' : `&cursor=${cursor}`}`,
      );
      seen.push(...body.data.events.map((event: { id: string }) => event.id));
      const late = seedEvent({ tenant: 'acme', time: NOW + page, model: 'late', costPicos: 0n });
      if (page < 3) await seedEvents(server.database, [late]);
      cursor = body.data.next_cursor;
      if (cursor === null) break;
    }
    const newestFirst = [...acme].sort((a, b) => b.time - a.time).map((event) => event.id);
    expect(seen).toEqual(newestFirst);
  });

  it('parts events of one millisecond by their id, and tenants for an administrator', async () => {
    const twins = ['globex', 'default'].flatMap((tenant) =>
      Array.from({ length: 5 }, (_, index) =>
        seedEvent({ tenant, id: `twin-${index}`, time: NOW - 50 * DAY }),
      ),
    );
    await seedEvents(server.database, twins);
    const seen: string[] = [];
    let next = '/api/usage/events?limit=3&to=2026-10-04';
    while (next !== '') {
      const { body } = await server.get('admin', next);
      seen.push(
        ...body.data.events.map((event: { tenant: string; id: string }) => `${event.tenant} ${event.id}`),
      );
      next =
        body.data.next_cursor === null
          ? ''
          : `/api/usage/events?limit=3&to=2026-10-04&cursor=${body.data.next_cursor}`;
    }
    expect([...seen].sort()).toEqual(twins.map((event) => `${event.tenant} ${event.id}`).sort());
  });

  it('filters by column, tag, price and status', async () => {
    const ids = async (query: string) =>
      (await server.get('acme', `/api/usage/events?${query}`)).body.data.events.map(
        (event: { id: string }) => event.id,
      );
    expect(await ids('tag.team=search')).toEqual(['a/b c?#%/ü']);
    expect(await ids('unpriced=true')).toEqual([acme[2]?.id]);
    expect(await ids('status=error')).toEqual([acme[2]?.id]);
    expect(await ids('workflow=wf-1')).toEqual([acme[3]?.id]);
    expect(await ids('agent=writer&provider=anthropic')).toEqual([acme[1]?.id]);
    expect(await ids('agent=writer&provider=openai')).toEqual([]);
  });
});

describe('GET /api/usage/events/:id', () => {
  it('finds an event whatever characters its id has, with its explanation', async () => {
    const { status, body } = await server.get(
      'acme',
      `/api/usage/events/${encodeURIComponent('a/b c?#%/ü')}`,
    );
    expect(status).toBe(200);
    expect(body.data).toMatchObject({
      id: 'a/b c?#%/ü',
      tenant: 'acme',
      cost_usd: '0.000435',
      adjustments: [],
    });
    expect(body.data.pricing).toMatchObject({ cost_usd: '0.000435', price_version: 'test', lines: [] });
  });

  it('answers an id of another tenant exactly like one that does not exist', async () => {
    const foreign = await server.get('acme', '/api/usage/events/secret');
    const missing = await server.get('acme', '/api/usage/events/no-such');
    const strip = (body: { error: object }) => ({ ...body, error: { ...body.error, request_id: '' } });
    expect([foreign.status, strip(foreign.body)]).toEqual([404, strip(missing.body)]);
    expect((await server.get('globex', '/api/usage/events/secret')).status).toBe(200);
    const both = encodeURIComponent('a/b c?#%/ü');
    expect((await server.get('admin', `/api/usage/events/${both}`)).body.error.details[0].path).toBe(
      'tenant',
    );
    expect((await server.get('admin', `/api/usage/events/${both}?tenant=globex`)).body.data.tenant).toBe(
      'globex',
    );
  });
});

const ROUTES = [
  '/api/cost/dashboard',
  '/api/cost/summary',
  '/api/cost/trends',
  '/api/usage/events',
  '/api/usage/events/x',
];
const PROCEDURES = {
  'session.me': undefined,
  'overview.cards': {},
  'overview.series': {},
  'overview.breakdown': {},
  'events.list': {},
  'events.get': { id: 'secret' },
} as const;

/** What is only in events of globex. */
const TRACES = /globex|spy|99887766|secret/;

describe('access', () => {
  it('denies every route and procedure without a key', async () => {
    for (const url of ROUTES) expect([url, (await server.get(null, url)).status]).toEqual([url, 401]);
    for (const name of Object.keys(PROCEDURES))
      expect([name, (await server.call(null, name)).status]).toEqual([name, 401]);
  });

  it('refuses a tenant that names another, with the same words whether it exists', async () => {
    for (const tenant of ['globex', 'nobody']) {
      for (const url of ROUTES) {
        expect((await server.get('acme', `${url}?tenant=${tenant}`)).body.error.code).toBe('forbidden');
      }
      for (const [name, input] of Object.entries(PROCEDURES).filter(([name]) => name !== 'session.me')) {
        const { status, body } = await server.call('acme', name, { ...input, tenant });
        expect([name, status, body.error.data.code]).toEqual([name, 403, 'forbidden']);
      }
    }
  });

  it('shows no trace of another tenant in any answer', async () => {
    for (const url of [
      ...ROUTES,
      '/api/cost/summary?group_by=agent&from=2026-01-01',
      '/api/cost/summary?group_by=tenant',
    ]) {
      const { text } = await server.get('acme', url);
      expect([url, TRACES.exec(text)?.[0]]).toEqual([url, undefined]);
    }
    for (const [name, input] of Object.entries(PROCEDURES)) {
      const { body } = await server.call('acme', name, input);
      expect([name, TRACES.exec(JSON.stringify(body))?.[0]]).toEqual([name, undefined]);
    }
  });
});

describe('the dashboard’s procedures', () => {
  it('give cards, series and breakdown that agree with each other', async () => {
    const cards = (await server.call('acme', 'overview.cards', {})).body.result.data;
    const series = (await server.call('acme', 'overview.series', { from: '2026-11-01', compare: true })).body
      .result.data;
    const breakdown = (await server.call('acme', 'overview.breakdown', {})).body.result.data;
    expect(cards.month.costUsd).toBe(dollars(sum(since(monthStart))));
    expect(cards.month.previous.label).toBe('2026-10-01 – 2026-10-22');
    expect(series.totalCostUsd).toBe(cards.month.costUsd);
    expect(breakdown.total.costUsd).toBe(cards.month.costUsd);
    expect(series.bucket).toBe('day');
    expect(series.buckets).toHaveLength(22);
    expect(series.buckets.at(-1)).toMatchObject({ label: '2026-11-22', partial: true });
    expect(series.groups[0]).toMatchObject({ key: 'gpt-5.2', provider: 'openai' });
    expect(series.groups[0].costsUsd).toHaveLength(22);
    expect(cards.sparklines.hours).toHaveLength(24);
    expect(cards.sparklines.days).toHaveLength(30);
    expect(cards.range).toMatchObject({ unpricedRequests: 1, errors: 1 });
    expect(breakdown.rows[0].sharePct).toBeGreaterThan(99);
  });

  it('tell who is signed in and which tenants they may choose from', async () => {
    const own = (await server.call('acme', 'session.me')).body.result.data;
    expect(own).toMatchObject({ role: 'member', tenant: 'acme', timezone: 'Europe/Berlin' });
    expect(own.tenants.map((tenant: { id: string }) => tenant.id)).toEqual(['acme']);
    const admin = (await server.call('admin', 'session.me')).body.result.data;
    expect(admin.tenants.map((tenant: { id: string }) => tenant.id)).toEqual(['acme', 'default', 'globex']);
    expect(admin.timezone).toBe('UTC');
  });
});
