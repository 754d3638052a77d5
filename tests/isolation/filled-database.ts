/** A database in which every table has rows of two tenants, made from the catalogue: a new table is filled by itself. */
import pg from 'pg';
import { createPartitions } from '../../packages/server/src/db/schema/partitions.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/test-database.ts';

export const TENANTS = ['acme', 'globex'] as const;

/** A table or view of Farthing's. */
export interface Relation {
  readonly name: string;
  readonly kind: 'table' | 'view';
  /** The column that says whose a row is; null: it holds no tenant's rows. */
  readonly tenantColumn: string | null;
}

export interface FilledDatabase extends TestDatabase {
  readonly relations: readonly Relation[];
  /** Runs statements as one of the group roles, in a transaction that is rolled back. `tenant`: the setting, null = unset. */
  as<Row extends object>(role: string, tenant: string | null, sql: string): Promise<Row[]>;
}

const TIME = '2026-11-05T00:00:00Z';

/** Values that fit a column of a type; checks and foreign keys are gone, since only whose a row is matters here. */
const VALUES: { readonly [type: string]: string } = {
  text: `'some ' || gen_random_uuid()`,
  uuid: 'gen_random_uuid()',
  timestamptz: `'${TIME}'`,
  date: `'2026-11-05'`,
  bool: 'true',
  int4: '1',
  int8: '1',
  oid: '1',
  numeric: '1',
  float8: '1',
  json: `'{}'`,
  jsonb: `'{}'`,
  bytea: `decode(md5(random()::text), 'hex')`,
  _text: `'{}'`,
};

/** Makes and fills it. */
export async function createFilledDatabase(): Promise<FilledDatabase> {
  const test = await createTestDatabase();
  await createPartitions(test.database).ensure([Date.parse(TIME)]);
  const client = new pg.Client({ connectionString: test.connectionString });
  await client.connect();
  const relations = await listRelations(client);
  for (const { name, kind } of relations) if (kind === 'table') await dropConstraints(client, name);
  for (const relation of relations) if (relation.kind === 'table') await fill(client, relation);
  // Entries to come are chained behind whatever was filled in.
  await client.query('update audit_head set position = (select max(position) from audit_chain)');
  return {
    ...test,
    relations,
    async as<Row extends object>(role: string, tenant: string | null, sql: string) {
      await client.query('begin');
      try {
        await client.query(`set local role ${role}`);
        if (tenant !== null) await client.query(`select set_config('farthing.tenant', $1, true)`, [tenant]);
        return (await client.query<Row>(sql)).rows;
      } finally {
        await client.query('rollback');
      }
    },
    async drop() {
      await client.end();
      await test.drop();
    },
  };
}

async function listRelations(client: pg.Client): Promise<Relation[]> {
  const { rows } = await client.query<{ name: string; kind: 'table' | 'view'; tenantColumn: string | null }>(
    `select case when n.nspname = 'public' then '' else n.nspname || '.' end || c.relname as name,
            case when c.relkind in ('v', 'm') then 'view' else 'table' end as kind,
            case when n.nspname = 'public' and c.relname = 'tenants' then 'id' else
              (select attname::text from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id'
                  and not a.attisdropped) end as "tenantColumn"
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname !~ '^(pg_|information_schema)' and c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
      order by 1`,
  );
  return rows;
}

async function dropConstraints(client: pg.Client, table: string): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select conname as name from pg_constraint where conrelid = $1::regclass and contype in ('c', 'f')`,
    [table],
  );
  for (const { name } of rows) await client.query(`alter table ${table} drop constraint "${name}"`);
}

async function fill(client: pg.Client, { name, tenantColumn }: Relation): Promise<void> {
  const { rows } = await client.query<{ column: string; type: string }>(
    `select attname::text as column, typname::text as type
       from pg_attribute a join pg_type t on t.oid = a.atttypid
      where attrelid = $1::regclass and attnum > 0 and not attisdropped and attidentity = '' and attgenerated = ''
        and (attname = $2 or (attnotnull and not atthasdef))`,
    [name, tenantColumn],
  );
  const { rows: forced } = await client.query(
    'select 1 from pg_class where oid = $1::regclass and relforcerowsecurity',
    [name],
  );
  // The owner has no policy: it fills with the force lifted, where it was there, and puts it back.
  if (forced.length > 0) await client.query(`alter table ${name} no force row level security`);
  // Rows that no trigger makes.
  await client.query(`alter table ${name} disable trigger user`);
  for (const tenant of TENANTS) {
    const values = rows.map(({ column, type }) => {
      const value = column === tenantColumn ? pg.escapeLiteral(tenant) : VALUES[type];
      if (value === undefined)
        throw new Error(`Say in VALUES what a column of type ${type} can hold (${name}.${column}).`);
      return value;
    });
    const columns = rows.map(({ column }) => `"${column}"`);
    await client.query(
      columns.length === 0
        ? `insert into ${name} default values on conflict do nothing`
        : `insert into ${name} (${columns.join()}) values (${values.join()}) on conflict do nothing`,
    );
  }
  await client.query(`alter table ${name} enable trigger user`);
  if (forced.length > 0) await client.query(`alter table ${name} force row level security`);
}
