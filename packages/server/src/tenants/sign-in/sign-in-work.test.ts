/** Counts the work that a sign-in does for each kind of account. Hashes are made cheap, since many are computed. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../../tests/postgres/test-database.ts';
import { makeKey } from '../keys/api-key.ts';
import { createAuthenticator } from '../keys/authenticate.ts';
import { createTenantStore } from '../store.ts';
import { createUserStore, type UserStore } from '../users/user-store.ts';
import { createSignIn, type SignIn } from './sign-in.ts';

/** Hashes computed since the start of the test: by cost or algorithm. */
const work = vi.hoisted((): string[] => []);
vi.mock('node:crypto', async (original) => {
  const real = await original<typeof import('node:crypto')>();
  return {
    ...real,
    scrypt: (
      password: string,
      salt: Buffer,
      bytes: number,
      { N, r, p }: { readonly N: number; readonly r: number; readonly p: number },
      done: (error: Error | null, key: Buffer) => void,
    ) => {
      work.push(`scrypt ${N} ${r} ${p} ${bytes}`);
      real.scrypt(password, salt, bytes, { N: 2, r: 1, p: 1 }, done);
    },
    hash: (algorithm: string, data: string, encoding: 'hex') => {
      work.push(`hash ${algorithm}`);
      return real.hash(algorithm, data, encoding);
    },
  };
});
beforeEach(() => {
  work.length = 0;
});

const PASSWORD = 'a quarter of a penny';
const VISITOR = { address: '127.0.0.1', userAgent: null };

let database: TestDatabase;
let users: UserStore;
let signIn: SignIn;
let statements = 0;
beforeAll(async () => {
  database = await createTestDatabase();
  const { database: db } = database;
  await createTenantStore(db).createTenant({ id: 'acme', name: 'acme', timeZone: 'UTC' }, 'test');
  users = createUserStore(db);
  const counting: typeof db = {
    ...db,
    asOperator: (run) =>
      db.asOperator((tx) =>
        run({
          query: (statement, values) => {
            statements += 1;
            return tx.query(statement, values);
          },
        }),
      ),
  };
  signIn = createSignIn({ db: counting, now: () => 0, failures: { note: () => undefined } });
});
afterAll(() => database.drop());

const invite = (email: string, tenantId: string) =>
  users.invite({ email, name: undefined, as: { role: 'viewer', tenantId } }, 'test');

test('a wrong password, an address nobody has, a shut account and one without a password cost the same work', async () => {
  await invite('wrong@example.com', 'acme');
  await signIn.setPassword('wrong@example.com', PASSWORD, 'cli');
  const { user: shut } = await invite('shut@example.com', 'acme');
  await signIn.setPassword('shut@example.com', PASSWORD, 'cli');
  await users.setDisabled(shut.id, true, 'test');
  await invite('invited@example.com', 'acme');
  const costs: unknown[] = [];
  for (const [email, password] of [
    ['wrong@example.com', 'not this one, I guess'],
    ['nobody@example.com', PASSWORD],
    ['shut@example.com', PASSWORD],
    ['shut@example.com', 'not this one, I guess'],
    ['invited@example.com', PASSWORD],
  ] as const) {
    work.length = 0;
    statements = 0;
    const refused = signIn.withPassword({ email, password, tenant: undefined }, VISITOR);
    await expect(refused).rejects.toMatchObject({ code: 'unauthorized' });
    costs.push({ work: [...work], statements });
  }
  expect(costs).toEqual(Array(5).fill({ work: ['scrypt 32768 8 3 32'], statements: 1 }));
});

test('a key that is unknown, one that was revoked and one that is good cost one hash and one look-up each', async () => {
  const store = createTenantStore(database.database);
  const make = async () => store.createKey({ name: 'k', role: 'viewer', tenantId: 'acme' }, 'test');
  const good = await make();
  const revoked = await make();
  await store.revokeKey(revoked.key.id, 'test');
  const costs: unknown[] = [];
  for (const secret of [makeKey(), revoked.secret, good.secret]) {
    let lookups = 0;
    const { verify } = createAuthenticator({
      store: {
        touchKeys: store.touchKeys,
        findKey: (digest) => {
          lookups += 1;
          return store.findKey(digest);
        },
      },
    });
    work.length = 0;
    const identity = await verify(secret);
    costs.push({ work: work.filter((one) => one === 'hash sha256').length, lookups });
    expect(identity !== null).toBe(secret === good.secret);
  }
  expect(new Set(costs.map((one) => JSON.stringify(one))).size).toBe(1);
  expect(costs[0]).toMatchObject({ lookups: 1 });
});

describe('guessing', () => {
  const guess = (email: string, address: string, password = 'not this one, I guess') =>
    signIn.withPassword({ email, password, tenant: undefined }, { address, userAgent: null }).then(
      () => 'in',
      (error: { code: string }) => error.code,
    );

  test('from one address shuts the account’s owner out there alone', async () => {
    await invite('owner@example.com', 'acme');
    await signIn.setPassword('owner@example.com', PASSWORD, 'cli');
    const codes: string[] = [];
    for (let n = 0; n < 12; n++) codes.push(await guess('owner@example.com', '203.0.113.7'));
    expect(codes).toEqual([...Array(10).fill('unauthorized'), 'rate_limited', 'rate_limited']);
    expect(await guess('owner@example.com', '203.0.113.7', PASSWORD)).toBe('rate_limited');
    expect(await guess('owner@example.com', '198.51.100.1', PASSWORD)).toBe('in');
  });

  test('from many addresses is bounded for the account, and leaves its owner the usual place', async () => {
    await invite('target@example.com', 'acme');
    await signIn.setPassword('target@example.com', PASSWORD, 'cli');
    expect(await guess('target@example.com', '198.51.100.1', PASSWORD)).toBe('in');
    const codes: string[] = [];
    for (let n = 0; n < 103; n++) codes.push(await guess('target@example.com', `203.0.113.${n}`));
    expect(codes).toEqual([...Array(100).fill('unauthorized'), ...Array(3).fill('rate_limited')]);
    expect(await guess('target@example.com', '198.51.100.2', PASSWORD)).toBe('rate_limited');
    expect(await guess('target@example.com', '198.51.100.1', PASSWORD)).toBe('in');
  });
});
