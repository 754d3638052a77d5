import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertEvent } from '../../../../../tests/postgres/sample-events.ts';
import { createTestDatabase, type TestDatabase } from '../../../../../tests/postgres/test-database.ts';
import { createPartitions } from './partitions.ts';

const TIME = '2026-11-05T00:00:00Z';

describe('row-level security', () => {
  let db: TestDatabase;
  let readable: string[];
  beforeAll(async () => {
    db = await createTestDatabase();
    await createPartitions(db.database).ensure([Date.parse(TIME)]);
    await db.database.asOperator((tx) =>
      tx.query(`insert into tenants (id, name) values ('acme', 'Acme'), ('beta', 'Beta')`),
    );
    await db.database.asWriter(async (tx) => {
      for (const tenant of ['acme', 'beta'])
        await insertEvent(tx, { tenant, id: 'same id', time: TIME, cost: '1' });
    });
    const { rows } = await db.database.asOwner((tx) =>
      tx.query<{ name: string }>(
        `select distinct c.relname::text as name from pg_class c join pg_attribute a on a.attrelid = c.oid
          where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
            and a.attname = 'tenant_id' and has_table_privilege('farthing_reader', c.oid, 'select') order by 1`,
      ),
    );
    readable = ['tenants', ...rows.map(({ name }) => name)];
  });
  afterAll(() => db.drop());

  const count = async (tenant: string, table: string) => {
    const { rows } = await db.database.asReader(tenant, (tx) =>
      tx.query<{ n: string }>(`select count(*) as n from "${table}"`),
    );
    return rows[0]?.n;
  };

  test('every table with a tenant column forces row-level security', async () => {
    const { rows } = await db.database.asOwner((tx) =>
      tx.query(
        `select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid
          where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attname = 'tenant_id'
            and not (c.relrowsecurity and c.relforcerowsecurity)`,
      ),
    );
    expect(rows).toEqual([]);
    expect(readable).toContain('usage_events');
  });

  test('a reader sees its own tenant and nobody else', async () => {
    const seen = await db.database.asReader('acme', (tx) =>
      tx.query('select tenant_id, id from usage_events'),
    );
    expect(seen.rows).toEqual([{ tenant_id: 'acme', id: 'same id' }]);
    const other = await db.database.asReader('acme', (tx) =>
      tx.query(`select 1 from usage_events where tenant_id = 'beta'`),
    );
    expect(other.rows).toEqual([]);
  });

  test('without a tenant a reader sees no row of any table', async () => {
    const counts = await Promise.all(readable.map((table) => count('', table)));
    expect(counts).toEqual(readable.map(() => '0'));
  });

  test('a tenant name cannot break out of the setting', async () => {
    expect(await count(`x'; reset role; select '`, 'usage_events')).toBe('0');
    expect(await count(`\\'; reset role --`, 'usage_events')).toBe('0');
  });

  test('the tenant of one transaction is gone in the next on the same connection', async () => {
    await count('acme', 'usage_events');
    const { rows } = await db.database.asOwner((tx) =>
      tx.query(`select nullif(current_setting('farthing.tenant', true), '') as tenant, current_user as role`),
    );
    expect(rows).toEqual([{ tenant: null, role: 'farthing' }]);
  });

  test('a partition cannot be read past its parent', async () => {
    for (const as of [
      db.database.asOperator.bind(null),
      db.database.asWriter.bind(null),
      db.database.asReader.bind(null, 'acme'),
    ]) {
      await expect(as((tx) => tx.query('select 1 from usage_events_y2026m11'))).rejects.toThrow(
        /permission denied/,
      );
    }
  });

  test('a reader writes nothing and sees no key', async () => {
    const attempt = (sql: string) => db.database.asReader('acme', (tx) => tx.query(sql));
    await expect(attempt(`delete from usage_events`)).rejects.toThrow(
      /read-only transaction|permission denied/,
    );
    await expect(attempt(`select 1 from api_keys`)).rejects.toThrow(/permission denied/);
  });
});
