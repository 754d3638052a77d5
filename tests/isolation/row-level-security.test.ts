/** With any SQL, a tenant's rows are seen only under that tenant's name. Every table and view, from the catalogue. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFilledDatabase, type FilledDatabase, type Relation, TENANTS } from './filled-database.ts';

/** Tables that hold no tenant's rows, and why. One that is not here must have tenant_id and be protected by it. */
const OF_NOBODY = {
  agent_defaults: 'the limit of agents without one: one row for the instance',
  audit_chain: 'hashes of entries of the audit log, which is protected itself',
  audit_head: 'where that chain ends',
  explanation_patterns: 'what explanations have in common, by content; nothing of a caller',
  invariant_checks: 'proofs over the whole ledger',
  job_locks: 'which connection runs a job',
  job_states: 'periodic work of the instance',
  own_price_cards: 'prices for everyone',
  price_aliases: 'prices for everyone',
  price_cards: 'public prices, by content',
  price_version_models: 'prices for everyone',
  price_versions: 'prices for everyone',
  schema_migrations: 'the schema’s own',
  users: 'an account may be in several tenants; memberships say in which',
  wake_ups: 'names of channels',
};

/** What the write path reads to do its work. It mixes tenants in one batch, so nothing keeps these apart for it. */
const READ_BY_THE_WRITER = [
  'agent_defaults',
  'agents',
  'alert_thresholds',
  'alerts',
  'cost_adjustments',
  'environments',
  'event_ids',
  'explanation_patterns',
  'pause_events',
  'price_cards',
  'projects',
  'quarantined_events',
  'recent_commits',
  'rerating_changes',
  'rerating_runs',
  'rollups_15m',
  'rollups_day',
  'tenants',
  'usage_events',
  'wake_ups',
];

let db: FilledDatabase;
let tenantTables: readonly Relation[];
let views: readonly Relation[];
beforeAll(async () => {
  db = await createFilledDatabase();
  tenantTables = db.relations.filter(({ kind, tenantColumn }) => kind === 'table' && tenantColumn !== null);
  views = db.relations.filter(({ kind }) => kind === 'view');
});
afterAll(() => db.drop());

const names = (relations: readonly Relation[]) => relations.map(({ name }) => name);

/** Whose rows a role sees: tenants, or why it sees nothing at all. */
async function seen(role: string, tenant: string | null, { name, tenantColumn }: Relation) {
  try {
    const sql = `select distinct ${tenantColumn ?? `'some row'`}::text as whose from ${name} order by 1`;
    return (await db.as<{ whose: string }>(role, tenant, sql)).map(({ whose }) => whose);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === '42501' ? 'permission denied' : error;
  }
}

async function readableBy(role: string): Promise<readonly Relation[]> {
  const { rows } = await db.database.asOwner((tx) =>
    tx.query<{ name: string }>(
      `select name from unnest($1::text[]) name where has_any_column_privilege($2, name::regclass, 'select')`,
      [names(db.relations), role],
    ),
  );
  return db.relations.filter(({ name }) => rows.some((row) => row.name === name));
}

describe('every table', () => {
  test('holds one tenant’s rows, or is written down as nobody’s with its reason', () => {
    const others = db.relations.filter(({ kind, tenantColumn }) => kind === 'table' && tenantColumn === null);
    expect(names(others)).toEqual(Object.keys(OF_NOBODY));
    expect(names(tenantTables)).toEqual(
      expect.arrayContaining(['api_keys', 'audit_log', 'tenants', 'usage_events']),
    );
  });

  test('with a tenant’s rows forces row-level security, and lets readers see by the setting alone', async () => {
    const { rows } = await db.database.asOwner((tx) =>
      tx.query<{ name: string; forced: boolean; policies: { role: string; qual: string | null }[] }>(
        `select name, relrowsecurity and relforcerowsecurity as forced,
                coalesce((select json_agg(json_build_object('role', r::text, 'qual', p.qual))
                            from pg_policies p, unnest(p.roles) r
                           where p.schemaname = 'public' and p.tablename = name), '[]') as policies
           from unnest($1::text[]) name join pg_class on pg_class.oid = name::regclass`,
        [names(tenantTables)],
      ),
    );
    for (const { name, forced, policies } of rows) {
      expect([name, forced]).toEqual([name, true]);
      expect([name, policies.map(({ role }) => role)]).toEqual([
        name,
        expect.arrayContaining(['farthing_operator']),
      ]);
      for (const { role, qual } of policies) {
        expect([name, role]).not.toEqual([name, 'public']);
        if (role === 'farthing_reader')
          expect(qual).toMatch(/^\((tenant_id|id) = \( SELECT NULLIF\(current_setting\('farthing\.tenant'/);
      }
    }
  });

  test('belongs to a role that no request works as', async () => {
    const { rows } = await db.database.asOwner((tx) =>
      tx.query(
        `select rolname from pg_roles where rolname like 'farthing\\_%' and (rolsuper or rolbypassrls or rolcreaterole)
         union all select relname from pg_class where relowner::regrole::text like 'farthing\\_%'`,
      ),
    );
    expect(rows).toEqual([]);
  });
});

describe('a reader', () => {
  test('sees exactly the tenant that is named, of every table it may read', async () => {
    const readable = (await readableBy('farthing_reader')).filter(
      ({ tenantColumn }) => tenantColumn !== null,
    );
    expect(names(readable)).toEqual(expect.arrayContaining(['audit_log', 'usage_events', 'rollups_day']));
    for (const relation of readable) {
      for (const tenant of TENANTS)
        expect([relation.name, await seen('farthing_reader', tenant, relation)]).toEqual([
          relation.name,
          [tenant],
        ]);
    }
  });

  test.each([
    ['missing', null],
    ['empty', ''],
    ['of nobody', 'nobody'],
    ['in another case', 'ACME'],
    ['a pattern', '%'],
    ['a list', 'acme,globex'],
    ['an attempt to break out', `acme' or 'a' = 'a`],
  ])('sees no row of any table or view when the tenant is %s', async (_how, tenant) => {
    for (const relation of db.relations.filter(({ tenantColumn }) => tenantColumn !== null)) {
      const rows = await seen('farthing_reader', tenant, relation);
      expect([relation.name, rows === 'permission denied' ? [] : rows]).toEqual([relation.name, []]);
    }
  });

  test('cannot see keys, sessions, people or links, whatever the tenant', async () => {
    for (const name of ['api_keys', 'sessions', 'users', 'memberships', 'login_links', 'reporting_logins']) {
      const relation = { name, kind: 'table', tenantColumn: null } as const;
      expect([name, await seen('farthing_reader', 'acme', relation)]).toEqual([name, 'permission denied']);
    }
  });

  test('changes nothing in any table', async () => {
    for (const { name, tenantColumn, kind } of db.relations) {
      if (kind === 'view') continue;
      const column = tenantColumn ?? 'ctid';
      for (const sql of [
        `delete from ${name}`,
        `truncate ${name}`,
        `insert into ${name} default values`,
        ...(tenantColumn === null ? [] : [`update ${name} set ${column} = 'acme'`]),
      ])
        await expect(db.as('farthing_reader', 'acme', sql), sql).rejects.toMatchObject({ code: '42501' });
    }
  });
});

describe('the writer', () => {
  test('reads what it must and nothing else', async () => {
    expect(names(await readableBy('farthing_writer'))).toEqual(READ_BY_THE_WRITER);
  });

  test('adds to the audit log and can neither read nor change it; nobody can change it', async () => {
    await db.as('farthing_writer', null, `insert into audit_log (actor, action) values ('a', 'b')`);
    for (const role of ['farthing_writer', 'farthing_operator', 'farthing_reader', 'farthing_reporting']) {
      for (const sql of ['update audit_log set actor = $$x$$', 'delete from audit_log', 'truncate audit_log'])
        await expect(db.as(role, 'acme', sql), `${role}: ${sql}`).rejects.toMatchObject({ code: '42501' });
    }
    await expect(db.as('farthing_writer', null, 'select 1 from audit_log')).rejects.toMatchObject({
      code: '42501',
    });
  });
});

describe('reports by SQL', () => {
  test('come from views that see no more than who asks', async () => {
    const { rows } = await db.database.asOwner((tx) =>
      tx.query(
        `select name from unnest($1::text[]) name join pg_class on pg_class.oid = name::regclass
          where not coalesce(reloptions @> '{security_invoker=true}', false)`,
        [names(views)],
      ),
    );
    expect(rows).toEqual([]);
    expect(views.length).toBeGreaterThan(5);
  });

  test('show no row to a login that is bound to no tenant, whatever it sets', async () => {
    for (const relation of db.relations.filter(({ tenantColumn }) => tenantColumn !== null)) {
      for (const tenant of [null, 'acme']) {
        const rows = await seen('farthing_reporting', tenant, relation);
        expect([relation.name, rows === 'permission denied' ? [] : rows]).toEqual([relation.name, []]);
      }
    }
  });
});
