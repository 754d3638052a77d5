/** The reporting views as users of psql, BI or Grafana see them: through a login of the database. */
import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createReportingLogin,
  listReportingLogins,
  removeReportingLogin,
} from '../../packages/server/src/tenants/reporting-logins/reporting-login-store.ts';
import { testEvent } from '../ledger/events.ts';
import { removeFolder, testRecorder } from '../ledger/recorders.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/test-database.ts';

// Roles belong to the whole PostgreSQL, other tests' too: these are this database's own.
const suffix = Math.random().toString(36).slice(2, 8);
const ANALYST = `analyst_${suffix}`;
const ACME_ONLY = `acme_only_${suffix}`;

let db: TestDatabase;
let spool: string;
const clients: pg.Client[] = [];

async function connect(login: string, password: string): Promise<pg.Client> {
  const url = new URL(db.connectionString);
  url.username = login;
  url.password = password;
  const client = new pg.Client({ connectionString: url.href });
  client.on('error', () => undefined);
  await client.connect();
  clients.push(client);
  return client;
}

let analyst: pg.Client;
let acme: pg.Client;

beforeAll(async () => {
  db = await createTestDatabase();
  await db.database.asOperator((tx) =>
    tx.query(
      `insert into tenants (id, name, time_zone) values ('acme', 'Acme', 'Asia/Kathmandu'), ('globex', 'Globex', 'UTC')`,
    ),
  );
  const { recorder, spoolDirectory } = await testRecorder(db.database);
  spool = spoolDirectory;
  const now = Date.now();
  const attribution = {
    agent: 'signal-processor',
    workflow: 'wf-1',
    task: 'extract',
    user: 'ada',
    requestId: 'req-1',
  };
  await recorder.record([
    testEvent({
      tenant: 'acme',
      id: 'a',
      time: now,
      input: 1_000_000,
      output: 100_000,
      attribution,
      metadata: { route: 'fast' },
    }),
    testEvent({
      tenant: 'acme',
      id: 'b',
      time: now,
      model: 'gpt-4o-mini',
      input: 2_000_000,
      output: 0,
      attribution,
    }),
    testEvent({ tenant: 'acme', id: 'c', time: now, model: 'no-such-model-yet', attribution }),
    testEvent({ tenant: 'globex', id: 'a', time: now, input: 1_000_000, output: 0 }),
  ]);
  await recorder.drain();
  analyst = await connect(
    ANALYST,
    await createReportingLogin(db.database, { login: ANALYST, tenantId: null }, 'test'),
  );
  acme = await connect(
    ACME_ONLY,
    await createReportingLogin(db.database, { login: ACME_ONLY, tenantId: 'acme' }, 'test'),
  );
});

afterAll(async () => {
  for (const client of clients) await client.end().catch(() => undefined);
  for (const { login } of await listReportingLogins(db.database)) {
    await removeReportingLogin(db.database, login, 'test');
  }
  await removeFolder(spool);
  await db.drop();
});

/** Commands that people have in their notes and runbooks, word for word. */
const KNOWN_COMMANDS = [
  `SELECT operation, provider, model, tokens_input, tokens_output, cost_usd, created_at
     FROM llm_cost_log ORDER BY created_at DESC LIMIT 10;`,
  'SELECT * FROM agent_current_month_cost;',
  'SELECT * FROM cost_by_model ORDER BY total_cost_usd DESC;',
  `SELECT severity, message, metric_value, created_at FROM alerts
    WHERE alert_name = 'agent_budget_threshold' ORDER BY created_at DESC LIMIT 10;`,
  'SELECT COUNT(*) FROM llm_cost_log;',
  'SELECT agent_name, max_monthly_cost_usd FROM agent_registry;',
  'SELECT * FROM agent_cost_summary;',
  'SELECT count(*) FROM pg_stat_activity;',
  `SELECT COUNT(*) as request_count, SUM(input_tokens) as total_input_tokens, SUM(output_tokens) as total_output_tokens,
          SUM(total_cost_usd) as total_cost_usd, MIN(created_at) as first_request, MAX(created_at) as last_request,
          jsonb_agg(DISTINCT model) as models_used, jsonb_agg(DISTINCT provider) as providers_used
     FROM llm_usage WHERE workflow_id = 'wf-1'`,
  `SELECT model, provider, COUNT(*) as count, SUM(input_tokens) as input_tokens, SUM(output_tokens) as output_tokens,
          SUM(total_cost_usd) as cost_usd FROM llm_usage WHERE workflow_id = 'wf-1' GROUP BY model, provider`,
  `SELECT usage_date, provider, model, request_count, total_tokens, total_cost_usd FROM daily_llm_costs
    WHERE tenant_id = 'acme' AND usage_date >= now()::date - 2 AND usage_date <= now()::date + 2 ORDER BY usage_date`,
  `SELECT tenant_id, SUM(total_cost_usd) as daily_cost FROM llm_usage WHERE created_at >= CURRENT_DATE
    GROUP BY tenant_id HAVING SUM(total_cost_usd) > 100`,
  `SELECT COUNT(*) FROM llm_usage WHERE workflow_id = 'wf-1'`,
  'SELECT tenant_id, model, input_tokens, output_tokens, total_cost_usd, metadata FROM llm_usage_events',
];

describe('through a login that sees every tenant', () => {
  test.each(KNOWN_COMMANDS)('%s', async (command) => {
    const { rows, fields } = await analyst.query(command);
    expect(fields.length).toBeGreaterThan(0);
    expect(Array.isArray(rows)).toBe(true);
  });

  test('the log, the usage and the sums agree to the last digit', async () => {
    const log = await analyst.query(
      `select tenant_id, id, agent_name, cost_usd, tokens_input from llm_cost_log order by tenant_id, id`,
    );
    expect(log.rows).toEqual([
      {
        tenant_id: 'acme',
        id: 'a',
        agent_name: 'signal-processor',
        cost_usd: '3.500000000000',
        tokens_input: '1000000',
      },
      {
        tenant_id: 'acme',
        id: 'b',
        agent_name: 'signal-processor',
        cost_usd: '0.300000000000',
        tokens_input: '2000000',
      },
      { tenant_id: 'acme', id: 'c', agent_name: 'signal-processor', cost_usd: null, tokens_input: '1200' },
      { tenant_id: 'globex', id: 'a', agent_name: null, cost_usd: '2.500000000000', tokens_input: '1000000' },
    ]);
    for (const view of ['cost_by_model', 'cost_by_day', 'cost_by_operation', 'daily_llm_costs']) {
      const { rows } = await analyst.query(
        `select tenant_id, sum(total_cost_usd)::text as usd, sum(unpriced_count)::text as unpriced from ${view} group by 1 order by 1`,
      );
      expect(rows, view).toEqual([
        { tenant_id: 'acme', usd: '3.800000000000', unpriced: '1' },
        { tenant_id: 'globex', usd: '2.500000000000', unpriced: '0' },
      ]);
    }
  });

  test('an unpriced call has no cost, not a cost of zero', async () => {
    const { rows } = await analyst.query(
      `select input_cost_usd, output_cost_usd, total_cost_usd, total_tokens, workflow_id, task_id, metadata
         from llm_usage where id = 'c'`,
    );
    expect(rows).toEqual([
      {
        input_cost_usd: null,
        output_cost_usd: null,
        total_cost_usd: null,
        total_tokens: '1540',
        workflow_id: 'wf-1',
        task_id: 'extract',
        metadata: null,
      },
    ]);
  });

  test("a day is the tenant's own day", async () => {
    const { rows } = await analyst.query(
      `select distinct usage_date::text as day, (now() at time zone 'Asia/Kathmandu')::date::text as local
         from daily_llm_costs where tenant_id = 'acme'`,
    );
    expect(rows).toHaveLength(1);
    expect(rows[0].day).toBe(rows[0].local);
  });

  test("an agent's month adds up under its registered id", async () => {
    const { rows } = await analyst.query(
      `select r.agent_name, r.is_active, s.operation_count, s.total_cost_usd, s.agent_id = r.agent_id as same,
              c.current_cost_usd, c.remaining_usd
         from agent_registry r join agent_cost_summary s using (tenant_id, agent_name)
         join agent_current_month_cost c using (tenant_id, agent_name)`,
    );
    expect(rows).toMatchObject([
      {
        agent_name: 'signal-processor',
        is_active: true,
        operation_count: '3',
        total_cost_usd: '3.800000000000',
        same: true,
        current_cost_usd: '3.800000000000',
      },
    ]);
  });
});

test('every column that the page about the views names exists in its view', async () => {
  const page = await readFile(new URL('../../docs/reporting.md', import.meta.url), 'utf8');
  const named = [...page.matchAll(/^\| `(\w+)` \|[^|]*\|([^|]*)\|$/gm)].map(
    ([, view = '', columns = '']) => ({
      view,
      columns: [...columns.matchAll(/`([^`]*)`/g)].flatMap(([, list = '']) => list.split(', ')),
    }),
  );
  const { rows } = await analyst.query<{ view: string; columns: string[] }>(
    `select table_name as view, array_agg(column_name::text) as columns
       from information_schema.columns where table_schema = 'reporting' group by 1`,
  );
  const present = new Map(rows.map(({ view, columns }) => [view, columns]));
  expect(named.map(({ view }) => view).sort()).toEqual([...present.keys()].sort());
  for (const { view, columns } of named) {
    expect(columns.length, view).toBeGreaterThan(3);
    expect(
      columns.filter((column) => !present.get(view)?.includes(column)),
      view,
    ).toEqual([]);
  }
  const events = named.find(({ view }) => view === 'llm_usage_events');
  expect(events?.columns.toSorted()).toEqual(present.get('llm_usage_events')?.toSorted());
});

describe('isolation', () => {
  test("a tenant's login sees that tenant in every view and table it may read", async () => {
    const { rows: views } = await acme.query<{ name: string }>(
      `select table_name as name from information_schema.views where table_schema = 'reporting' order by 1`,
    );
    expect(views.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'agent_registry',
        'alerts',
        'daily_llm_costs',
        'llm_cost_log',
        'llm_usage',
        'llm_usage_events',
      ]),
    );
    for (const { name } of views) {
      const { rows } = await acme.query(`select distinct tenant_id from reporting.${name}`);
      expect(
        rows.filter(({ tenant_id }) => tenant_id !== 'acme'),
        name,
      ).toEqual([]);
    }
    const log = await acme.query('select count(*) from llm_cost_log');
    expect(log.rows).toEqual([{ count: '3' }]);
  });

  test('neither `set role` nor the setting of the tenant shows more', async () => {
    await acme.query(`set farthing.tenant = 'globex'`);
    await acme.query('set role farthing_reporting');
    const { rows } = await acme.query('select distinct tenant_id from llm_usage');
    await acme.query('reset role');
    expect(rows).toEqual([{ tenant_id: 'acme' }]);
    for (const role of ['farthing_reader', 'farthing_operator', 'farthing_writer']) {
      await expect(acme.query(`set role ${role}`)).rejects.toThrow(/permission denied/);
    }
  });

  test.each([
    'api_keys',
    'sessions',
    'audit_log',
    'login_links',
    'price_overrides',
    'quarantined_events',
    'event_ids',
  ])('the table %s is closed', async (table) => {
    await expect(acme.query(`select * from ${table}`)).rejects.toThrow(/permission denied/);
  });

  test('raw usage stays closed beside the columns of the views', async () => {
    await expect(acme.query('select raw_usage from usage_events')).rejects.toThrow(/permission denied/);
  });

  test('nothing can be written, whatever the session says', async () => {
    await acme.query('set default_transaction_read_only = off');
    await expect(acme.query(`delete from usage_events`)).rejects.toThrow(/permission denied/);
    await expect(acme.query(`update rollups_day set requests = 0`)).rejects.toThrow(/permission denied/);
    await expect(acme.query('create table mine (a int)')).rejects.toThrow(/permission denied/);
  });

  test('a role that was granted the views but is not listed sees nothing', async () => {
    const login = `unlisted_${suffix}`;
    await db.database.asOwner((tx) =>
      tx.query(`create role ${login} login password 'not listed' in role farthing_reporting`),
    );
    const client = await connect(login, 'not listed');
    for (const view of ['llm_cost_log', 'daily_llm_costs', 'agent_registry', 'alerts']) {
      const { rows } = await client.query(`select count(*) from reporting.${view}`);
      expect(rows, view).toEqual([{ count: '0' }]);
    }
    await client.end();
    await db.database.asOwner((tx) => tx.query(`drop role ${login}`));
  });

  test('a removed login is gone, its name free again, and both are on record', async () => {
    const login = `gone_${suffix}`;
    await createReportingLogin(db.database, { login, tenantId: 'acme' }, 'test');
    await expect(createReportingLogin(db.database, { login, tenantId: null }, 'test')).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(await removeReportingLogin(db.database, login, 'test')).toBe(true);
    expect(await removeReportingLogin(db.database, login, 'test')).toBe(false);
    const { rows } = await db.database.asOperator((tx) =>
      tx.query(`select action, tenant_id from audit_log where details ->> 'login' = $1 order by id`, [login]),
    );
    expect(rows).toEqual([
      { action: 'reporting_login.create', tenant_id: 'acme' },
      { action: 'reporting_login.remove', tenant_id: 'acme' },
    ]);
  });

  test.each(['farthing_operator', 'pg_monitor', 'Robert"); drop', '', 'x'.repeat(64)])(
    'the name %j is refused',
    async (login) => {
      await expect(async () =>
        createReportingLogin(db.database, { login, tenantId: null }, 'test'),
      ).rejects.toMatchObject({ code: 'invalid_body' });
    },
  );

  test('a login for a tenant that does not exist is not left behind', async () => {
    const login = `lost_${suffix}`;
    await expect(
      createReportingLogin(db.database, { login, tenantId: 'nobody' }, 'test'),
    ).rejects.toMatchObject({ code: 'unknown_tenant' });
    const { rows } = await db.database.asOperator((tx) =>
      tx.query('select 1 from pg_roles where rolname = $1', [login]),
    );
    expect(rows).toEqual([]);
  });
});
