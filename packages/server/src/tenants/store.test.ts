import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/postgres/test-database.ts';
import { hashKey } from './keys/api-key.ts';
import { createTenantStore, type TenantStore } from './store.ts';

let database: TestDatabase;
let store: TenantStore;
beforeAll(async () => {
  database = await createTestDatabase();
  store = createTenantStore(database.database);
});
afterAll(() => database.drop());

const audit = async () =>
  (
    await database.database.asOperator((tx) =>
      tx.query<{ action: string }>('select action from audit_log order by id'),
    )
  ).rows.map((row) => row.action);

describe('tenants and keys', () => {
  it('makes one admin key at the first start, whoever starts at the same time', async () => {
    const made = await Promise.all([1, 2, 3, 4].map(() => store.ensureAdminKey(null)));
    expect(made.filter((key) => key !== null)).toHaveLength(1);
    const key = made.find((one) => one !== null) ?? '';
    expect(await store.findKey(hashKey(key))).toMatchObject({ identity: { role: 'admin', tenantId: null } });
    expect(await store.ensureAdminKey(null)).toBeNull();
  });

  it('takes the admin key of the environment, and replaces it when that changes', async () => {
    const [first, second] = [
      'first key of the environment ....',
      'second key of the environment ...',
    ] as const;
    await store.ensureAdminKey(first);
    await store.ensureAdminKey(first);
    expect(await store.findKey(hashKey(first))).not.toBeNull();
    await store.ensureAdminKey(second);
    expect(await store.findKey(hashKey(first))).toBeNull();
    expect(await store.findKey(hashKey(second))).not.toBeNull();
    await store.ensureAdminKey(first);
    expect(await store.findKey(hashKey(first))).not.toBeNull();
  });

  it('keeps only the hash of a key', async () => {
    await store.createTenant({ id: 'acme', timeZone: 'Europe/Berlin' }, 'test');
    const { key, secret } = await store.createKey({ name: 'ci', role: 'member', tenantId: 'acme' }, 'test');
    const { rows } = await database.database.asOperator((tx) => tx.query('select * from api_keys'));
    expect(JSON.stringify(rows)).not.toContain(secret.slice(4, 40));
    expect(secret.startsWith(key.prefix)).toBe(true);
    expect(await store.listKeys('acme')).toHaveLength(1);
  });

  it('refuses a taken tenant, an unknown zone, an unknown tenant and a key without its tenant', async () => {
    await expect(store.createTenant({ id: 'acme' }, 'test')).rejects.toMatchObject({ code: 'conflict' });
    await expect(store.createTenant({ id: 'zone', timeZone: 'Mars/Base' }, 'test')).rejects.toMatchObject({
      code: 'invalid_body',
    });
    const nobody = store.createKey({ name: 'x', role: 'member', tenantId: 'nobody' }, 'test');
    await expect(nobody).rejects.toMatchObject({ code: 'unknown_tenant' });
    await expect(store.createKey({ name: 'x', role: 'member' }, 'test')).rejects.toMatchObject({
      code: 'invalid_body',
    });
  });

  it('revokes a key once and says so in the audit log', async () => {
    const { key, secret } = await store.createKey({ name: 'old', role: 'member', tenantId: 'acme' }, 'test');
    await store.revokeKey(key.id, 'test');
    await store.revokeKey(key.id, 'test');
    expect(await store.findKey(hashKey(secret))).toBeNull();
    expect((await audit()).filter((action) => action === 'key.revoke')).toHaveLength(1);
    expect(await store.revokeKey('not-an-id', 'test')).toBeNull();
  });

  it('does not know an expired key', async () => {
    const expiresAt = new Date(Date.now() + 150);
    const { secret } = await store.createKey(
      { name: 'gone soon', role: 'member', tenantId: 'acme', expiresAt },
      'test',
    );
    await expect.poll(() => store.findKey(hashKey(secret))).toBeNull();
  });

  it('refuses to make a key that has expired already', async () => {
    const past = {
      name: 'gone',
      role: 'member',
      tenantId: 'acme',
      expiresAt: new Date(Date.now() - 1_000),
    } as const;
    await expect(store.createKey(past, 'test')).rejects.toMatchObject({ code: 'invalid_body' });
  });

  it('refuses an id that no tenant can have, in words', async () => {
    await expect(store.createTenant({ id: 'Acme!' }, 'test')).rejects.toMatchObject({ code: 'invalid_body' });
  });
});
