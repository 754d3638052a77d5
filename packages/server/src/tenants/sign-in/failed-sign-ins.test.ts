import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../../tests/postgres/test-database.ts';
import { createFailedSignIns, type FailedSignIn, MOST_KINDS, WINDOW_MS } from './failed-sign-ins.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

let last = '0';
beforeEach(async () => {
  last = (await rowsAfter('0')).at(-1)?.id ?? '0';
});

interface Row {
  readonly id: string;
  readonly actor: string;
  readonly tenant_id: string | null;
  readonly details: { readonly [name: string]: unknown };
}
async function rowsAfter(id: string): Promise<Row[]> {
  const { rows } = await database.database.asOperator((tx) =>
    tx.query<Row>(
      "select id, actor, tenant_id, details from audit_log where action = 'session.refuse' and id > $1 order by id",
      [id],
    ),
  );
  return rows;
}
const told = async () => (await rowsAfter(last)).map(({ details }) => details);
const attemptsOf = (rows: readonly Row['details'][]) =>
  rows.reduce((sum, { attempts }) => sum + Number(attempts), 0);

const user = (n: number) => ({
  id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
  email: `u${n}@example.com`,
});
const failure = (change: Partial<FailedSignIn> = {}): FailedSignIn => ({
  reason: 'password',
  user: null,
  tenantId: null,
  address: '203.0.113.1',
  ...change,
});

test('the first failed attempt is written at once, with whom it was about and where from', async () => {
  const notes = createFailedSignIns({ db: database.database, now: () => 0 });
  notes.note(failure({ user: user(1), tenantId: 'acme', address: '2001:db8::1:2' }));
  await notes.flush();
  expect(await rowsAfter(last)).toMatchObject([
    {
      actor: 'anonymous',
      tenant_id: 'acme',
      details: {
        reason: 'password',
        email: 'u1@example.com',
        user_id: user(1).id,
        address: '2001:db8:0:0::/64',
        attempts: 1,
        from: '1970-01-01T00:00:00.000Z',
      },
    },
  ]);
});

test('a thousand of one kind are two rows in a quarter of an hour, and every attempt is in one of them', async () => {
  let now = 0;
  const notes = createFailedSignIns({ db: database.database, now: () => now, elapsed: () => now });
  for (let n = 0; n < 1_000; n++) {
    now = n;
    notes.note(failure());
  }
  await notes.flush();
  expect(await told()).toMatchObject([{ attempts: 1, email: 'unknown', user_id: null }]);
  now = WINDOW_MS;
  await notes.flush();
  expect(await told()).toMatchObject([{ attempts: 1 }, { attempts: 999, to: '1970-01-01T00:00:00.999Z' }]);
});

test('what was counted is written by the attempt after its window, and at the end', async () => {
  let now = 0;
  const notes = createFailedSignIns({ db: database.database, now: () => now, elapsed: () => now });
  notes.note(failure());
  notes.note(failure());
  now = WINDOW_MS;
  notes.note(failure());
  notes.note(failure());
  notes.note(failure());
  await notes.flush('all');
  expect((await told()).map(({ attempts }) => attempts)).toEqual([1, 1, 1, 2]);
});

test('however many addresses and users are tried, the rows are few, none is lost, and unknown ones hide no known one', async () => {
  const notes = createFailedSignIns({ db: database.database, now: () => 0 });
  for (let n = 0; n < 500; n++) notes.note(failure({ address: `10.0.${n >> 8}.${n & 255}` }));
  notes.note(failure({ user: user(7) }));
  for (let n = 0; n < 200; n++) notes.note(failure({ user: user(n) }));
  await notes.flush('all');
  const rows = await told();
  expect(rows.length).toBeLessThanOrEqual(4 * MOST_KINDS);
  expect(attemptsOf(rows)).toBe(701);
  expect(rows).toContainEqual(expect.objectContaining({ email: 'u7@example.com' }));
  expect(rows).toContainEqual(expect.objectContaining({ email: 'unknown', address: 'several' }));
  expect(rows).toContainEqual(expect.objectContaining({ email: 'several', address: 'several' }));
});

test('an attempt that cannot be written is told with the next row', async () => {
  let away = true;
  const db = {
    asOperator: ((work) =>
      away
        ? Promise.reject(new Error('away'))
        : database.database.asOperator(work)) as TestDatabase['database']['asOperator'],
  };
  const notes = createFailedSignIns({ db, now: () => 0 });
  notes.note(failure());
  await notes.flush();
  away = false;
  notes.note(failure());
  await notes.flush('all');
  expect(await told()).toMatchObject([{ attempts: 2 }]);
});
