import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../../tests/postgres/test-database.ts';
import { readAuditLog } from '../audit/read-audit.ts';
import { actorOf } from '../identity.ts';
import { createTenantStore, type TenantStore } from '../store.ts';
import { hashKey } from './api-key.ts';
import { HELPER_KEY_MS, makeHelperKey } from './helper-key-store.ts';

let database: TestDatabase;
let store: TenantStore;
beforeAll(async () => {
  database = await createTestDatabase();
  store = createTenantStore(database.database);
});
afterAll(() => database.drop());

const make = (actor = 'cli:ada', now: () => number = Date.now) =>
  makeHelperKey(database.database, actor, now);
const find = ({ secret }: { readonly secret: string }) => store.findKey(hashKey(secret));
const auditOf = async (actor: string) =>
  (await readAuditLog(database.database, { tenantId: null, actor, limit: 100 })).records;

test('a helper key acts as an administrator by the name of who runs the command line, from no key', async () => {
  const key = await make();
  const found = await find(key);
  expect(found?.identity).toMatchObject({ role: 'admin', tenantId: null, kind: 'command line' });
  expect(found === null ? null : actorOf(found.identity)).toBe('cli:ada');
  await key.end();
});

test('a helper key is no key among others: not listed, shown, rotated, revoked, counted or written down', async () => {
  const key = await make();
  const id = (await find(key))?.keyId ?? '';
  expect(await store.listKeys()).toEqual([]);
  expect(await store.getKey(id)).toBeNull();
  expect(await store.rotateKey(id, 0, 'test')).toBeNull();
  expect(await store.revokeKey(id, 'test')).toBeNull();
  expect(await find(key)).not.toBeNull();
  await key.end();
  expect(await auditOf('cli')).toEqual([]);
  expect(await store.ensureAdminKey(null)).not.toBeNull();
});

test('a helper key is over with its run, and soon after one that was cut off, unless it is renewed', async () => {
  const ended = await make();
  await ended.end();
  await ended.renew();
  expect(await find(ended)).toBeNull();

  let now = Date.now();
  const cutOff = await make('cli:ada', () => now);
  const expiresAt = (await find(cutOff))?.expiresAt?.getTime() ?? 0;
  expect(expiresAt).toBe(now + HELPER_KEY_MS);
  now -= HELPER_KEY_MS;
  await cutOff.renew();
  expect(await find(cutOff)).toBeNull();
  now += 2 * HELPER_KEY_MS;
  await cutOff.renew();
  expect(await find(cutOff)).not.toBeNull();
  await cutOff.end();
});

test('runs leave as many rows as there were at once, and never share a secret', async () => {
  const rows = async () => {
    const sql = "select count(*)::int as rows from api_keys where prefix = 'cli'";
    return (await database.database.asOperator((tx) => tx.query<{ rows: number }>(sql))).rows[0]?.rows;
  };
  const together = await Promise.all([make(), make('cli:bob'), make()]);
  const most = await rows();
  const actors = await Promise.all(together.map(find));
  expect(actors.map((key) => key?.identity.actor)).toEqual(['cli:ada', 'cli:bob', 'cli:ada']);
  for (const key of together) await key.end();
  for (let run = 0; run < 5; run++) await (await make('cli:eve')).end();
  expect(await rows()).toBe(most);
  expect((await Promise.all(together.map(find))).every((key) => key === null)).toBe(true);
});

test('a run that slept past its time does not end the one that has its row now', async () => {
  let now = Date.now() - 2 * HELPER_KEY_MS;
  const asleep = await make('cli:ada', () => now);
  now = Date.now();
  const [...others] = await Promise.all([make(), make(), make(), make()]);
  await asleep.renew();
  await asleep.end();
  expect((await Promise.all(others.map(find))).every((key) => key !== null)).toBe(true);
  for (const key of others) await key.end();
});

test('the audit log is asked for one actor, or for all of a kind', async () => {
  await store.createTenant({ id: 'acme' }, 'cli:ada');
  await store.createTenant({ id: 'beta' }, 'cli');
  await store.createTenant({ id: 'gamma' }, 'clive');
  const tenants = async (actor: string) => (await auditOf(actor)).map(({ tenantId }) => tenantId);
  expect(await tenants('cli')).toEqual(['beta', 'acme']);
  expect(await tenants('cli:ada')).toEqual(['acme']);
});
