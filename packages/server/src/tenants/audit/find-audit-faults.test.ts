import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../../tests/postgres/test-database.ts';
import { backup } from '../../db/backup/backup.ts';
import { restore } from '../../db/backup/restore.ts';
import { migrate, readMigrations } from '../../db/schema/migrate.ts';
import { auditChainJob, proveAuditChain } from './find-audit-faults.ts';
import { audit } from './write-audit.ts';

let db: TestDatabase;
/** An attacker with all rights: the tables' owner, past row-level security and triggers. */
let owner: pg.Client;
beforeAll(async () => {
  db = await createTestDatabase();
  owner = new pg.Client({ connectionString: db.connectionString });
  await owner.connect();
  await owner.query('alter table audit_log no force row level security');
});
afterAll(async () => {
  await owner.end();
  await db.drop();
});

const prove = () => db.database.asOperator(proveAuditChain);
const entry = (name: string) => ({ actor: 'test', action: 'thing.make', tenantId: null, details: { name } });
const write = (name: string) => db.database.asOperator((tx) => audit(tx, entry(name)));

beforeEach(async () => {
  await owner.query(
    "begin; delete from audit_log; delete from audit_chain; update audit_head set position = 0, hash = ''; commit",
  );
  for (const name of ['one', 'two', 'three', 'four']) await write(name);
});

test('entries are chained in the order of their commits, also many at once, and what was rolled back is in no chain', async () => {
  await Promise.all(Array.from({ length: 20 }, (_, n) => write(`at once ${n}`)));
  await expect(
    db.database.asOperator(async (tx) => {
      await audit(tx, entry('never'));
      throw new Error('rolled back');
    }),
  ).rejects.toThrow('rolled back');
  await db.database.asWriter((tx) => audit(tx, entry('by the write path')));
  expect(await prove()).toMatchObject({
    entries: 25,
    head: expect.stringMatching(/^[0-9a-f]{64}$/),
    faults: [],
  });
});

test('a transaction that goes on for long keeps nobody else from writing an entry', async () => {
  await db.database.asOperator(async (tx) => {
    await audit(tx, entry('begins first'));
    await write('is done first');
    expect(await prove()).toMatchObject({ entries: 5, faults: [] });
  });
  expect(await prove()).toMatchObject({ entries: 6, faults: [] });
});

describe('what the owner of the tables did to it is found', () => {
  const idOf = async (name: string): Promise<string> => {
    const { rows } = await owner.query<{ id: string }>(
      "select id::text from audit_log where details ->> 'name' = $1",
      [name],
    );
    return rows[0]?.id ?? '';
  };

  test.each([
    "actor = 'x'",
    "action = 'x'",
    "tenant_id = 'x'",
    "details = '{}'",
    "at = at + interval '1 microsecond'",
  ])('an entry changed: %s', async (change) => {
    const id = await idOf('two');
    await owner.query(`update audit_log set ${change} where id = ${id}`);
    expect((await prove()).faults).toEqual([{ kind: 'changed', auditId: id }]);
    await expect(auditChainJob(db.database).run(new AbortController().signal)).rejects.toThrow(
      `entry ${id} changed`,
    );
  });

  test('an entry taken out, the last one too', async () => {
    for (const name of ['two', 'four']) {
      const id = await idOf(name);
      await owner.query(`delete from audit_log where id = ${id}`);
      expect((await prove()).faults).toContainEqual({ kind: 'missing', auditId: id });
    }
  });

  test('an entry taken out with its link, the last one too', async () => {
    const [two, three, four] = [await idOf('two'), await idOf('three'), await idOf('four')];
    await owner.query(
      `with gone as (delete from audit_log where id = ${four}) delete from audit_chain where audit_id = ${four}`,
    );
    expect((await prove()).faults).toEqual([{ kind: 'cut', auditId: null }]);
    await owner.query(
      `with gone as (delete from audit_log where id = ${two}) delete from audit_chain where audit_id = ${two}`,
    );
    const { faults } = await prove();
    expect(faults).toContainEqual({ kind: 'gap', auditId: three });
    expect(faults).toContainEqual({ kind: 'changed', auditId: three });
  });

  test('an entry slipped in behind the trigger', async () => {
    await owner.query('alter table audit_log disable trigger user');
    await owner.query("insert into audit_log (actor, action) values ('cli:ada', 'key.create')");
    await owner.query('alter table audit_log enable trigger user');
    const { rows } = await owner.query<{ id: string }>('select max(id)::text as id from audit_log');
    expect((await prove()).faults).toEqual([{ kind: 'added', auditId: rows[0]?.id }]);
  });

  test('a chain made anew has another end than the one that was noted', async () => {
    const { head } = await prove();
    await owner.query("update audit_log set actor = 'x' where id = $1", [await idOf('two')]);
    await owner.query("delete from audit_chain; update audit_head set position = 0, hash = ''");
    await owner.query(`do $$ declare entry audit_log; last audit_head; begin
      for entry in select * from audit_log order by id loop
        update audit_head set position = position + 1, hash = audit_hash(hash, entry) returning * into last;
        insert into audit_chain values (last.position, entry.id, last.hash);
      end loop; end $$`);
    const anew = await prove();
    expect(anew.faults).toEqual([]);
    expect(anew.head).not.toBe(head);
  });
});

test('no role of the server writes to the chain', async () => {
  for (const role of ['farthing_operator', 'farthing_writer', 'farthing_reader'])
    for (const sql of [
      "update audit_head set hash = ''",
      "insert into audit_chain values (99, 99, '')",
      'delete from audit_chain',
    ])
      await expect(
        db.database.asOwner(async (tx) => {
          await tx.query(`set local role ${role}`);
          await tx.query(sql);
        }),
      ).rejects.toMatchObject({ code: '42501' });
});

test('entries from before there was a chain are chained by the migration, and a backup brings the chain back', async () => {
  const old = await createTestDatabase({ empty: true });
  const folder = await mkdtemp(join(tmpdir(), 'farthing-chain-'));
  try {
    const { connectionString } = old;
    const migrations = await readMigrations();
    await migrate({ connectionString, migrations: migrations.slice(0, 13) });
    await old.database.asOperator(async (tx) => {
      for (const name of ['old one', 'old two', 'old three']) await audit(tx, entry(name));
    });
    await migrate({ connectionString });
    await old.database.asOperator((tx) => audit(tx, entry('new')));
    const whole = await old.database.asOperator(proveAuditChain);
    expect(whole).toMatchObject({ entries: 4, faults: [] });
    const file = join(folder, 'ledger.backup');
    await backup({ connectionString, file });
    await restore({ connectionString, file, force: true });
    expect(await old.database.asOperator(proveAuditChain)).toEqual(whole);
    await old.database.asOperator((tx) => audit(tx, entry('after the restore')));
    expect(await old.database.asOperator(proveAuditChain)).toMatchObject({ entries: 5, faults: [] });
  } finally {
    await old.drop();
    await rm(folder, { recursive: true });
  }
});
