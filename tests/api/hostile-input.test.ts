/** Hostile inputs: no 5xx, no effect. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROUTES } from '../../packages/server/src/api/routes.ts';
import { type ApiServer, recordLedgers, startApiServer } from './api-server.ts';

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
  await recordLedgers(api);
});
afterAll(() => api.stop());

const TEXTS = [
  "'; drop table agents; --",
  '\u0000',
  'a\u0000b',
  '\ud800',
  '__proto__',
  'constructor',
  '%',
  '_',
  '\\',
  '../../etc/passwd',
  '\u202e\u0000',
  '😀'.repeat(60),
  'x'.repeat(300),
  'NaN',
  '-1',
  '1e309',
  '9'.repeat(400),
  '2026-02-30',
  '{"a":',
  '',
];

/** The routes of costs, agents, thresholds and alerts. */
const MINE = Object.entries(ROUTES).filter(([key]) =>
  /\/api\/(cost|v2|ops|admin\/agents)(\/|$)/.test(key.split(' ')[1] ?? ''),
);

/** What a table holds, to see that nothing changed. */
async function holdings(): Promise<unknown> {
  const { rows } = await api.server.context.db.asOperator((tx) =>
    tx.query(`select (select json_agg(a order by id) from agents a) as agents,
                     (select json_agg(t order by id) from alert_thresholds t) as thresholds,
                     (select count(*) from usage_events) as events, (select count(*) from audit_log) as audited`),
  );
  return rows;
}

describe('every route of costs, agents and alerts', () => {
  it.each(MINE.map(([key, endpoint]) => [key, endpoint] as const))('%s', async (key, endpoint) => {
    const [method, path] = key.split(' ') as ['GET' | 'POST' | 'PUT' | 'DELETE', string];
    const names = 'shape' in endpoint.query ? Object.keys(endpoint.query.shape as object) : [];
    const before = await holdings();
    const wrong: string[] = [];
    const ask = async (url: string, body?: unknown) => {
      const { status } = await api.send('acme', method, url, body);
      if (status >= 500) wrong.push(`${status} ${url.slice(0, 200)} ${JSON.stringify(body)?.slice(0, 200)}`);
    };
    const encode = (text: string) => encodeURIComponent(text.isWellFormed() ? text : '\ufffd');
    for (const text of TEXTS) {
      const value = encode(text);
      const url = path.replace(/:\w+/, value);
      await ask(url, method === 'GET' ? undefined : {});
      // One parameter after the other meets each text; all of them at once would take a minute.
      const position = TEXTS.indexOf(text);
      const some = names.filter((_, index) => (index + position) % 5 === 0);
      for (const name of [...some, 'tag.team', `tag.${value}`, '__proto__', value]) {
        await ask(`${path.replace(/:\w+/, 'nobody')}?${name}=${value}`, method === 'GET' ? undefined : {});
      }
      if (method !== 'POST' && method !== 'PUT') continue;
      for (const field of [
        'reason',
        'max_monthly_cost_usd',
        'amount_usd',
        'name',
        'subject',
        'scope',
        'period',
        'models',
        'region',
      ]) {
        await ask(path.replace(/:\w+/, 'nobody'), { period: 'day', amount_usd: -1, [field]: text });
      }
    }
    for (const body of [null, [], 'text', 7, { __proto__: { admin: true } }, { toString: 1 }, [[[[]]]]]) {
      if (method !== 'GET') await ask(path.replace(/:\w+/, 'nobody'), body);
    }
    expect(wrong).toEqual([]);
    expect(await holdings()).toEqual(before);
  });

  it('keeps a reason of any letters, and refuses what no database keeps as it is', async () => {
    const reason = 'Zu teuer – 😀 \u202e "quoted" \\ __proto__';
    const paused = await api.send('acme', 'POST', '/api/admin/agents/writer/pause', { reason });
    expect(paused.body.data.pause_reason).toBe(reason);
    for (const [url, body] of [
      ['/api/admin/agents/crawler/pause', { reason: 'a\u0000b' }],
      ['/api/admin/agents/crawler/pause', { reason: '\ud800' }],
      ['/api/ops/alerts/thresholds', { period: 'day', amount_usd: 1, name: 'a\u0000b' }],
      ['/api/ops/alerts/thresholds', { period: 'day', amount_usd: 1, scope: 'agent', subject: '\udc00' }],
      ['/api/ops/alerts/thresholds', { period: 'day', amount_usd: 1, name: '\ud800' }],
    ] as const) {
      const { status, body: answer } = await api.send('acme', 'POST', url, body);
      expect([url, status, answer.error.code]).toEqual([url, 400, 'invalid_json']);
    }
  });
});
