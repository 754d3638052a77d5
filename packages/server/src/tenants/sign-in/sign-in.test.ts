import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../../tests/postgres/test-database.ts';
import { createTenantStore } from '../store.ts';
import { createUserStore, type UserStore } from '../users/user-store.ts';
import { createSignIn, type SignIn } from './sign-in.ts';

// Checking a password is meant to take its time.
vi.setConfig({ testTimeout: 120_000 });

const PASSWORD = 'a quarter of a penny';
const VISITOR = { address: '127.0.0.1', userAgent: null };

let database: TestDatabase;
let users: UserStore;
let signIn: SignIn;
beforeAll(async () => {
  database = await createTestDatabase();
  const tenants = createTenantStore(database.database);
  for (const id of ['acme', 'globex']) await tenants.createTenant({ id, name: id, timeZone: 'UTC' }, 'test');
  users = createUserStore(database.database);
  signIn = createSignIn({ db: database.database, now: () => 0 });
});
afterAll(() => database.drop());

const invite = (email: string, tenantId: string) =>
  users.invite({ email, name: undefined, as: { role: 'viewer', tenantId } }, 'test');
const enter = (email: string, tenant?: string) =>
  signIn.withPassword({ email, password: PASSWORD, tenant }, VISITOR);

describe('a password set by the operator', () => {
  test('accepts the invitation of who can enter nothing yet: signing in works, the link no longer', async () => {
    const { link } = await invite('ada@example.com', 'acme');
    const set = await signIn.setPassword('ada@example.com', PASSWORD, 'cli');
    expect(set).toEqual({ ended: [], accepted: ['acme'] });
    expect(await enter('ada@example.com')).toMatchObject({ tenantId: 'acme' });
    await expect(signIn.withLink({ token: link.token, password: PASSWORD }, VISITOR)).rejects.toMatchObject({
      code: 'unauthorized',
    });
  });

  test('makes the administrator who was invited as one', async () => {
    await users.invite({ email: 'root@example.com', name: undefined, as: { role: 'admin' } }, 'test');
    const set = await signIn.setPassword('root@example.com', PASSWORD, 'cli');
    expect(set.accepted).toEqual([null]);
    expect(await enter('root@example.com')).toMatchObject({ tenantId: null });
  });

  test('joins an account in use to no other tenant', async () => {
    await invite('bob@example.com', 'acme');
    await signIn.setPassword('bob@example.com', PASSWORD, 'cli');
    await invite('bob@example.com', 'globex');
    const again = await signIn.setPassword('bob@example.com', PASSWORD, 'cli');
    expect(again.accepted).toEqual([]);
    await expect(enter('bob@example.com', 'globex')).rejects.toMatchObject({ code: 'unauthorized' });
  });

  test('is refused where nobody could sign in with it', async () => {
    const { user } = await users.invite(
      { email: 'late@example.com', name: undefined, as: { role: 'admin' } },
      'test',
    );
    await database.database.asOperator((tx) =>
      tx.query('delete from login_links where user_id = $1', [user.id]),
    );
    await expect(signIn.setPassword('late@example.com', PASSWORD, 'cli')).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('has not accepted the invitation yet'),
    });
  });
});
