/** A migration whose connection dies between two of its statements, and the start that comes after it. */
import { expect } from 'vitest';
import { createDatabase, type Database } from '../../packages/server/src/db/database.ts';
import { type Migration, migrate, readMigrations } from '../../packages/server/src/db/schema/migrate.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/test-database.ts';

const silent = { info() {}, warn() {}, error() {} };

/** The statements of a migration: split at semicolons that end one, not at those in strings, comments and blocks. */
export function statementsOf(sql: string): readonly string[] {
  const pieces = sql.split(/(\$(\w*)\$[\s\S]*?\$\2\$|'(?:[^']|'')*'|--[^\n]*|;)/);
  const statements: string[] = [];
  let current = '';
  // The inner group of the pattern gives every third piece, which is no text of its own.
  for (const [index, piece] of pieces.entries()) {
    if (index % 3 === 2 || piece === undefined) continue;
    current += piece;
    if (piece !== ';') continue;
    statements.push(current);
    current = '';
  }
  return statements;
}

/** Events of two tenants with their sums, in the columns that the first release had. */
const FIRST_LEDGER = `
  insert into tenants (id, name, time_zone) values ('acme', 'Acme', 'Asia/Kathmandu');
  insert into api_keys (tenant_id, name, role, prefix, hash) values ('acme', 'a key', 'tenant', 'frt_', sha256('key'));
  create table usage_events_y2026m11 (like usage_events including all);
  alter table usage_events attach partition usage_events_y2026m11 for values from ('2026-11-01Z') to ('2026-12-01Z');
  insert into event_ids select tenant, tenant || n, '2026-11-05Z'::timestamptz + n * interval '37 minutes', sha256(n::text::bytea)
    from generate_series(1, 60) n, unnest(array['acme', 'default']) tenant;
  insert into usage_events (tenant_id, id, event_time, door, provider, model, operation, status, agent, service_tier,
      input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, input_cost, output_cost,
      other_cost, total_cost, usage_source, usage, charge, price_version)
    select tenant_id, id, event_time, 'api', 'openai', 'gpt-4o', 'chat', 'ok', 'crawler', 'standard', 100, 10, 0, 0, 0,
           0.000123456789, 0.001, 0, 0.001123456789, 'reported', '{"segments": []}', '[]', 'test' from event_ids;
  insert into agents (tenant_id, name) values ('acme', 'crawler'), ('default', 'crawler');`;

/** The content of the ledger: its events, and their sums. */
async function totals(db: Database): Promise<object> {
  const { rows } = await db.asOperator((tx) =>
    tx.query(
      `select (select json_agg(e) from (select tenant_id, count(*), sum(total_cost)::text as cost, sum(input_tokens) as tokens
                 from usage_events group by 1 order by 1) e) as events,
              (select json_agg(r) from (select tenant_id, dimension, sum(requests) as requests, sum(total_cost)::text as cost
                 from rollups_15m group by 1, 2 order by 1, 2) r) as quarters,
              (select json_agg(r) from (select tenant_id, dimension, sum(requests) as requests, sum(total_cost)::text as cost
                 from rollups_day group by 1, 2 order by 1, 2) r) as days,
              (select json_agg(k) from (select tenant_id, name, role from api_keys order by 2) k) as keys`,
    ),
  );
  return rows[0] ?? {};
}

/** Everything that a schema consists of, as text. */
async function shape(db: Database): Promise<readonly string[]> {
  const { rows } = await db.asOwner((tx) =>
    tx.query<{ what: string }>(
      `select format('%s.%s %s %s', table_name, column_name, data_type, is_nullable) as what
         from information_schema.columns where table_schema in ('public', 'reporting')
       union all select indexdef from pg_indexes where schemaname = 'public'
       union all select conrelid::regclass || ' ' || pg_get_constraintdef(oid) from pg_constraint where conrelid <> 0
                                                   and connamespace = 'public'::regnamespace
       union all select format('%s %s %s %s %s', tablename, policyname, roles, qual, with_check) from pg_policies
       union all select c.relname || ' ' || coalesce(c.relacl::text, '') || c.relrowsecurity || c.relforcerowsecurity
         from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname in ('public', 'reporting')
       union all select proname || prosrc from pg_proc where pronamespace = 'public'::regnamespace
       union all select format('migration %s %s', version, checksum) from schema_migrations
       order by 1`,
    ),
  );
  return rows.map(({ what }) => what);
}

export interface Ledger {
  /** What an undisturbed run makes of the first ledger. */
  readonly totals: object;
  readonly shape: readonly string[];
  readonly migrations: readonly Migration[];
}

async function firstLedger(migrations: readonly Migration[]): Promise<TestDatabase> {
  const store = await createTestDatabase({ empty: true });
  await migrate({ connectionString: store.connectionString, migrations: migrations.slice(0, 1) });
  await store.database.asOwner(async (tx) => {
    await tx.query('set local role farthing_operator');
    const [before, partition, after] = FIRST_LEDGER.split(
      /( {2}create table usage_events_y2026m11[\s\S]*?'2026-12-01Z'\);)/,
    );
    await tx.query(before ?? '');
    await tx.query('reset role');
    await tx.query(partition ?? '');
    await tx.query('set local role farthing_operator');
    await tx.query(after ?? '');
  });
  return store;
}

/** Migrates a first ledger without a disturbance. */
export async function undisturbed(): Promise<Ledger> {
  const migrations = await readMigrations();
  const store = await firstLedger(migrations);
  try {
    await migrate({ connectionString: store.connectionString });
    return { totals: await totals(store.database), shape: await shape(store.database), migrations };
  } finally {
    await store.drop();
  }
}

/**
 * Kills the connection after each statement of each of the given migrations in turn, on one ledger, and looks every time:
 * nothing of the killed migration is left. At last it goes through, and the ledger is the undisturbed one. Answers the
 * number of kills.
 */
export async function killBetweenStatements(ledger: Ledger, versions: readonly number[]): Promise<number> {
  const store = await firstLedger(ledger.migrations);
  const { connectionString } = store;
  const database = createDatabase({ connectionString, log: silent });
  let kills = 0;
  try {
    for (const version of versions) {
      const before = ledger.migrations.slice(0, version - 1);
      const killed = ledger.migrations[version - 1];
      if (killed === undefined) throw new Error(`There is no migration ${version}.`);
      await migrate({ connectionString, migrations: before });
      const was = { shape: await shape(database), totals: version > 1 ? await totals(database) : {} };
      const statements = statementsOf(killed.sql);
      for (let done = 0; done <= statements.length; done++) {
        const sql = `${statements.slice(0, done).join('')}; select pg_terminate_backend(pg_backend_pid())`;
        await expect(
          migrate({ connectionString, migrations: [...before, { ...killed, sql }] }),
          `${killed.name}, statement ${done}`,
        ).rejects.toThrow(/terminat/);
        kills += 1;
      }
      expect({ shape: await shape(database), totals: await totals(database) }, killed.name).toEqual(was);
    }
    await migrate({ connectionString });
    expect(await shape(database)).toEqual(ledger.shape);
    expect(await totals(database)).toEqual(ledger.totals);
    return kills;
  } finally {
    await database.close();
    await store.drop();
  }
}
