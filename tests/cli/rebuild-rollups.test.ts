import { afterAll, beforeAll, expect, test } from 'vitest';
import { testEvent } from '../ledger/events.ts';
import { removeFolder, temporaryFolder, testRecorder } from '../ledger/recorders.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/test-database.ts';
import { farthing, type Ran } from './farthing.ts';

let store: TestDatabase;
let folder: string;
beforeAll(async () => {
  store = await createTestDatabase();
  folder = await temporaryFolder();
  const { recorder, spoolDirectory } = await testRecorder(store.database);
  await recorder.record([testEvent({ attribution: { agent: 'a' } }), testEvent({})]);
  await recorder.drain();
  await removeFolder(spoolDirectory);
});
afterAll(async () => {
  await store.drop();
  await removeFolder(folder);
});

const rebuild = (...args: string[]): Promise<Ran> =>
  farthing(folder, ['rebuild-rollups', ...args], '', { DATABASE_URL: store.connectionString });

test('a check tells the first row that differs and exits with 1; a rebuild puts it right and says so', {
  timeout: 120_000,
}, async () => {
  expect(await rebuild('--check')).toMatchObject({
    code: 0,
    stdout: 'Compared 7 rows; every one equals its events.\n',
  });
  await store.database.asOperator((tx) =>
    tx.query("update rollups_15m set total_cost = total_cost + 1 where dimension = 'agent'"),
  );
  const checked = await rebuild('--check', '--tenant', 'default');
  expect(checked.code).toBe(1);
  expect(checked.stdout).toBe(
    `Compared 7 rows, 3 differ. The first:
  rollups_15m: tenant default, 2026-11-20T12:00:00.000Z, agent "a", openai gpt-4o chat
    total_cost: was 1.0064, should be 0.0064
    input_cost: was 1.003, should be 0.003
    list_cost: was 1.0064, should be 0.0064
`,
  );
  const rebuilt = await rebuild('--json');
  expect(rebuilt.code).toBe(0);
  expect(JSON.parse(rebuilt.stdout)).toMatchObject({ compared: 7, different: 1 });
  expect((await rebuild('--check')).code).toBe(0);
});

test('a time that is none and a tenant that is none are refused', async () => {
  expect(await rebuild('--from', 'yesterday')).toMatchObject({
    code: 64,
    stderr: 'farthing: --from: "yesterday" is not a time, say 2026-11-01T00:00:00Z.\n',
  });
  expect(await rebuild('--tenant', 'nobody')).toMatchObject({
    code: 1,
    stderr: 'farthing: There is no tenant "nobody".\n',
  });
});
