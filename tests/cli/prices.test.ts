import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { removeFolder, temporaryFolder } from '../ledger/recorders.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/test-database.ts';
import { farthing, type Ran } from './farthing.ts';

let folder: string;
let store: TestDatabase;
beforeAll(async () => {
  folder = await temporaryFolder();
  store = await createTestDatabase();
});
afterAll(async () => {
  await store.drop();
  await removeFolder(folder);
});

const run = (args: readonly string[], input = ''): Promise<Ran> =>
  farthing(folder, args, input, { DATABASE_URL: store.connectionString });

test('a price that is added is found, one that jumps is refused with its difference, and a run over nothing is done', async () => {
  const add = ['prices', 'add', '--provider', 'openai', '--model', 'house-model', '--rate'];
  expect(await run([...add, 'input_uncached=1.5'])).toMatchObject({
    code: 0,
    stdout: 'added card 1\n',
  });
  const refused = await run([...add, 'input_uncached=15']);
  expect(refused.code).toBe(1);
  expect(refused.stdout).toMatch(
    /openai\/house-model +input_uncached +1\.5 \/ 1000000 +15 \/ 1000000 +\+900\.0 % +jump:/,
  );
  expect(refused.stderr).toBe(
    'farthing: Nothing was changed: these changes need a yes (1 jump). Look at them and repeat the command with --yes-jumps.\n',
  );
  const found = await run(['prices', 'search', 'house-model', '--json']);
  expect(JSON.parse(found.stdout)).toMatchObject({
    found: 1,
    cards: [{ rates: { input_uncached: { usd: '1.5' } } }],
  });
  const repriced = await run(['reprice', '--json']);
  expect(JSON.parse(repriced.stdout)).toMatchObject({ status: 'done', dry_run: true, changed: 0 });
}, 120_000);

test('a table that is refused is shown as a comparison is, with the options that take it over', async () => {
  const file = join(folder, 'doubtful.json');
  const cards = [
    { provider: 'openai', model: 'gpt-4o', rates: { input_uncached: '25' } },
    { provider: 'openai', model: 'below', rates: { input_uncached: '-1' } },
  ];
  await writeFile(file, JSON.stringify(cards));
  const diff = await run(['prices', 'diff', file]);
  const refused = await run(['prices', 'import', file, '--yes-jumps']);
  expect(refused.code).toBe(1);
  const table = (text: string) => text.split('\n').filter((line) => line.startsWith('openai/'));
  expect(table(refused.stdout)).toEqual(table(diff.stdout));
  expect(refused.stderr).toContain('repeat the command with --yes-jumps --yes-vanished --yes-unreadable');
  const asJson = await run(['prices', 'import', file, '--json']);
  expect(asJson.code).toBe(1);
  expect(JSON.parse(asJson.stdout)).toMatchObject({ refused: true, needs: { jump: 1, negative: 1 } });
  const yes = ['--yes-jumps', '--yes-vanished', '--yes-unreadable'];
  const taken = await run(['prices', 'import', file, ...yes, '--json']);
  expect(taken.code).toBe(0);
  const { version } = JSON.parse(taken.stdout) as { version: string };
  expect((await run(['prices', 'remove', 'version', version])).code).toBe(0);
}, 240_000);

test('a table is compared, taken over, listed as a version and taken back; the server prices with it, the installed book does not', async () => {
  const file = join(folder, 'table.json');
  await writeFile(
    file,
    JSON.stringify([{ provider: 'openai', model: 'filed', rates: { input_uncached: '4' } }]),
  );
  const diff = await run(['prices', 'diff', file, '--json']);
  expect(JSON.parse(diff.stdout)).toMatchObject({ added: 0, version: null, changes: [{ new_usd: '4' }] });
  const taken = await run(['prices', 'refresh', '--file', file, '--table', 'mine', '--json']);
  const { version } = JSON.parse(taken.stdout) as { version: string };
  const price = ['price', 'openai/filed', '--input', '1000000', '--output', '0', '--calls', '3', '--json'];
  expect(JSON.parse((await run([...price, '--server'])).stdout)).toMatchObject({
    total_usd: '4',
    total_all_calls_usd: '12',
  });
  expect((await run(price)).code).toBe(1);
  const body = { model: 'filed', usage: { prompt_tokens: 1_000_000, completion_tokens: 0 } };
  const line = JSON.stringify({ provider: 'openai', format: 'json', body });
  const used = await run(['usage', '--server'], `${line}\nnothing\n`);
  expect(
    used.stdout
      .trim()
      .split('\n')
      .map((one) => JSON.parse(one)),
  ).toMatchObject([
    { ok: true, cost_usd: '4' },
    { ok: false, error: { code: 'invalid_json', message: 'line 2 is not valid JSON' } },
  ]);
  expect((await run(['prices', 'versions'])).stdout).toContain('mine');
  expect((await run(['prices', 'remove', 'version', version])).code).toBe(0);
  expect((await run(['prices', 'search', 'filed'])).code).toBe(1);
}, 240_000);

test('a model that answers no tokens is priced by its input alone', async () => {
  const priced = await run(['price', 'text-embedding-3-small', '--input', '1000', '--json']);
  expect(JSON.parse(priced.stdout)).toMatchObject({ total_usd: '0.00002' });
}, 120_000);

test('the installed npm package says what the installed book says: a refresh takes nothing over', async () => {
  const refreshed = await run(['prices', 'refresh', '--json']);
  expect(JSON.parse(refreshed.stdout)).toMatchObject({ added: 0, changed: 0, vanished: 0, version_id: null });
}, 120_000);
