/**
 * The whole way of a cost: a workflow makes calls through a tracked client, its cost is read back by workflow, and the
 * rows are in the database under the names that psql asks for.
 */
import { Farthing, withAttribution } from '@farthing/sdk';
import OpenAI from 'openai';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createReportingLogin,
  removeReportingLogin,
} from '../../packages/server/src/tenants/reporting-logins/reporting-login-store.ts';
import { type ScriptedProvider, startScriptedProvider } from '../provider/scripted-provider.ts';
import { type ApiServer, startApiServer } from './api-server.ts';

let server: ApiServer;
let provider: ScriptedProvider;
let key: string;
let otherKey: string;

beforeAll(async () => {
  [server, provider] = await Promise.all([startApiServer(), startScriptedProvider()]);
  const { tenants } = server.server.context;
  await tenants.createTenant({ id: 'test-tenant' }, 'test');
  const made = await tenants.createKey({ name: 'worker', role: 'member', tenantId: 'test-tenant' }, 'test');
  key = made.secret;
  otherKey = server.keyOf('acme');
  // The client stamps its events with the machine's time.
  server.setNow(Date.now());
});
afterAll(async () => {
  await provider.close();
  await server.stop();
});

const messages = [{ role: 'user' as const, content: 'Test task' }];

/** Executes a workflow of three calls and waits until what it used is recorded. */
async function execute(workflow: string): Promise<void> {
  const farthing = new Farthing({ url: server.server.url, apiKey: key });
  const openai = farthing.track(new OpenAI({ baseURL: provider.openaiUrl, apiKey: 'any' }));
  await withAttribution({ workflow, user: 'test-user' }, async () => {
    await withAttribution({ task: 'extract' }, () =>
      openai.chat.completions.create({ model: 'gpt-4o-mini', messages }),
    );
    await withAttribution({ task: 'summarise' }, async () => {
      for await (const _ of await openai.chat.completions.create({
        model: 'gpt-4o',
        messages,
        stream: true,
      }));
      await openai.embeddings.create({ model: 'text-embedding-3-small', input: 'Test task' });
    });
  });
  await farthing.close();
}

const costsOf = async (workflow: string, token: string) => {
  const response = await fetch(
    `${server.server.url}/api/v2/costs?workflow_id=${encodeURIComponent(workflow)}`,
    {
      headers: { authorization: `Bearer ${token}` },
    },
  );
  // biome-ignore lint/suspicious/noExplicitAny: the answer's shape is what is tested
  return { status: response.status, body: (await response.json()) as any };
};

describe('complete cost tracking flow', () => {
  test('a call is tracked with its workflow, read back by /api/v2/costs, and found in the database', async () => {
    const workflow = 'wf 7/ä';
    expect((await costsOf(workflow, key)).status).toBe(403);
    await execute(workflow);

    const { status, body } = await costsOf(workflow, key);
    expect(status).toBe(200);
    expect(body).toMatchObject({ success: true, meta: { currency: 'USD' } });
    const { data } = body;
    expect(data.total_cost_usd).toBeGreaterThan(0);
    expect(data.total_requests).toBe(3);
    expect(data.total_tokens).toBe(data.total_input_tokens + data.total_output_tokens);
    expect(data.models_used).toEqual(['gpt-4o', 'gpt-4o-mini', 'text-embedding-3-small']);
    expect(data.providers_used).toEqual(['openai']);
    expect(Object.keys(data.model_breakdown).sort()).toEqual([
      'openai/gpt-4o',
      'openai/gpt-4o-mini',
      'openai/text-embedding-3-small',
    ]);
    expect(Date.parse(data.last_request)).toBeGreaterThanOrEqual(Date.parse(data.first_request));

    const found = await askDatabase(
      `SELECT COUNT(*)::int AS count, SUM(total_cost_usd)::text AS cost, MIN(user_id) AS user_id,
              array_agg(DISTINCT task_id ORDER BY task_id) AS tasks
         FROM llm_usage WHERE workflow_id = $1`,
      [workflow],
    );
    expect(found).toMatchObject({ count: 3, user_id: 'test-user', tasks: ['extract', 'summarise'] });
    expect(Number(found['cost'])).toBe(data.total_cost_usd);
  });

  test('the workflow of one tenant is refused to another', async () => {
    await execute('wf-secret');
    expect((await costsOf('wf-secret', key)).status).toBe(200);
    const refused = await costsOf('wf-secret', otherKey);
    expect([refused.status, refused.body.error.code]).toEqual([403, 'forbidden']);
  });
});

/** Queries as a user with psql does, through a login that sees the tenant. */
async function askDatabase(sql: string, values: readonly unknown[]): Promise<Record<string, unknown>> {
  const { db } = server.server.context;
  const login = `flow_${Math.random().toString(36).slice(2, 10)}`;
  const password = await createReportingLogin(db, { login, tenantId: 'test-tenant' }, 'test');
  const url = new URL(server.connectionString);
  url.username = login;
  url.password = password;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    return (await client.query(sql, [...values])).rows[0];
  } finally {
    await client.end();
    await removeReportingLogin(db, login, 'test');
  }
}
