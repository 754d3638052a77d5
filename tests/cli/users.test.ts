import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { removeFolder, temporaryFolder } from '../ledger/recorders.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/test-database.ts';
import { farthing, type Ran } from './farthing.ts';

vi.setConfig({ testTimeout: 240_000 });

let dataDir: string;
let store: TestDatabase;
beforeAll(async () => {
  dataDir = await temporaryFolder();
  store = await createTestDatabase();
});
afterAll(async () => {
  await store.drop();
  await removeFolder(dataDir);
});

const run = (args: readonly string[], input = ''): Promise<Ran> =>
  farthing(dataDir, args, input, { DATABASE_URL: store.connectionString });

const json = async (...args: string[]) => {
  const ran = await run([...args, '--json']);
  expect([ran.code, ran.stderr]).toEqual([0, '']);
  return JSON.parse(ran.stdout);
};

test('people are invited, given a password, listed and shut out from the command line', async () => {
  const made = await json('users', 'create', 'Ada@Example.com', '--role', 'viewer');
  expect(made.link.url).toMatch(/^http:\/\/.+\/welcome#[\w-]{43}$/);
  expect(made.memberships).toMatchObject([{ tenant: 'default', role: 'viewer', status: 'invited' }]);

  const short = await run(['users', 'set-password', 'ada@example.com'], 'short\n');
  expect([short.code, short.stderr]).toEqual([1, expect.stringContaining('at least 12 characters')]);
  const set = await run(['users', 'set-password', 'ada@example.com'], 'a quarter of a penny\n');
  expect(set.code).toBe(0);
  expect(set.stdout + set.stderr).not.toContain('penny');

  await json('users', 'disable', 'ada@example.com');
  const [listed] = await json('users', 'list');
  expect(listed).toMatchObject({ email: 'ada@example.com', disabled_at: expect.any(String) });
  const unknown = await run(['users', 'disable', 'nobody@example.com']);
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('There is no user')]);
});

test('a key is made with a role, scopes and what it is bound to, and given a new secret', async () => {
  const options = [
    '--role',
    'ingest',
    '--scope',
    'events:write',
    '--agent',
    'crawler',
    '--tag',
    'team=search',
  ];
  const made = await json('keys', 'create', ...options);
  expect(made).toMatchObject({
    role: 'ingest',
    scopes: ['events:write'],
    agent: 'crawler',
    tags: { team: 'search' },
  });
  const rotated = await json('keys', 'rotate', made.id, '--overlap', '60');
  expect(rotated).toMatchObject({ id: made.id, overlap_until: expect.any(String) });
  expect(rotated.key).not.toBe(made.key);
  const wrong = await run(['keys', 'create', '--role', 'viewer', '--scope', 'events:write']);
  expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('cannot have "events:write"')]);
});

test('a tenant gets another name and zone', async () => {
  const changed = await json(
    'tenants',
    'change',
    'default',
    '--name',
    'Ours',
    '--time-zone',
    'Asia/Kathmandu',
  );
  expect(changed).toMatchObject({ id: 'default', name: 'Ours', time_zone: 'Asia/Kathmandu' });
});
