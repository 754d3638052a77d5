import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { BadTableError, readInstalledTable } from './read-table.ts';

async function packageOf(source: string, version = '1.0.0'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'farthing-table-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'dist'));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ version }));
  await writeFile(join(folder, 'dist', 'index.cjs'), source);
  return join(folder, 'dist', 'index.cjs');
}

const tableOf = (id: string) =>
  `exports.waitForUpdate = async () => [{ id: '${id}', models: [{ id: 'm', match: { equals: 'm' }, prices: {} }] }];`;

test('the table is that of the disk at this moment, not the one that was read before', async () => {
  const entry = await packageOf(tableOf('before'));
  expect((await readInstalledTable('2026-11-22', entry)).providers[0]?.id).toBe('before');
  await writeFile(entry, tableOf('after'));
  await writeFile(join(entry, '..', '..', 'package.json'), JSON.stringify({ version: '1.0.1' }));
  const table = await readInstalledTable('2026-11-23', entry);
  expect(table).toMatchObject({ version: '1.0.1', date: '2026-11-23', providers: [{ id: 'after' }] });
});

test.each([
  ['that cannot be loaded', 'syntax error('],
  ['without a table', 'exports.other = 1;'],
  ['with nothing in it', 'exports.waitForUpdate = async () => null;'],
  ['of another shape', 'exports.waitForUpdate = async () => [{ id: 1 }];'],
])('a package %s is a bad table, and nothing else breaks', async (_what, source) => {
  await expect(readInstalledTable('2026-11-22', await packageOf(source))).rejects.toBeInstanceOf(
    BadTableError,
  );
});
