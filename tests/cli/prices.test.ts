import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DataFolder, makeDataFolder } from '../crash/data-folder.ts';
import { farthing } from './farthing.ts';

let folder: DataFolder;
beforeAll(async () => {
  folder = await makeDataFolder();
});
afterAll(() => folder.remove());

test('a price that is added is found, one that jumps is refused with its difference, and a run over nothing is done', async () => {
  const add = ['prices', 'add', '--provider', 'openai', '--model', 'house-model', '--rate'];
  expect(await farthing(folder.path, [...add, 'input_uncached=1.5'])).toMatchObject({
    code: 0,
    stdout: 'added card 1\n',
  });
  const refused = await farthing(folder.path, [...add, 'input_uncached=15']);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('"problem": "jump"');
  const found = await farthing(folder.path, ['prices', 'search', 'house-model', '--json']);
  expect(JSON.parse(found.stdout)).toMatchObject({
    found: 1,
    cards: [{ rates: { input_uncached: { usd: '1.5' } } }],
  });
  const run = await farthing(folder.path, ['reprice', '--json']);
  expect(JSON.parse(run.stdout)).toMatchObject({ status: 'done', dry_run: true, changed: 0 });
}, 120_000);
