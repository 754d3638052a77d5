import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../postgres/test-database.ts';
import { farthing } from './farthing.ts';

let dataDir: string;
let store: TestDatabase;
beforeAll(async () => {
  store = await createTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'farthing-spool-cli-'));
  await mkdir(join(dataDir, 'spool'));
  await mkdir(join(dataDir, 'journal'));
  const stretch = { offset: 12, base64: Buffer.from('{"id":"torn').toString('base64') };
  await writeFile(join(dataDir, 'journal/000000000007.spool.damaged'), `${JSON.stringify(stretch)}\n`);
  const aside = { reason: 'because', event: { id: 'aside' } };
  await writeFile(join(dataDir, 'spool/set-aside.ndjson'), `${JSON.stringify(aside)}\n`);
});
afterAll(async () => {
  await rm(dataDir, { recursive: true, force: true });
  await store.drop();
});

test('doctor names damaged and set-aside events as something wrong until they are looked at and removed', async () => {
  const settings = { DATABASE_URL: store.connectionString };
  const before = await farthing(dataDir, ['doctor', '--json'], '', settings);
  expect(before.code).toBe(1);
  const bad = JSON.parse(before.stdout).findings.filter((one: { state: string }) => one.state === 'bad');
  expect(bad).toEqual([
    { name: 'spool', state: 'bad', text: expect.stringMatching(/^1 events set aside/) },
    { name: 'journal', state: 'bad', text: expect.stringMatching(/^1 files of damaged stretches/) },
  ]);

  const shown = await farthing(dataDir, ['spool', 'show']);
  expect(
    shown.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([
    { file: 'spool/set-aside.ndjson', reason: 'because', event: { id: 'aside' } },
    { file: 'journal/000000000007.spool.damaged', offset: 12, text: '{"id":"torn' },
  ]);

  const wrong = await farthing(dataDir, ['spool', 'remove', '../server.lock']);
  expect(wrong.code).toBe(64);
  const files = ['spool/set-aside.ndjson', 'journal/000000000007.spool.damaged'];
  expect((await farthing(dataDir, ['spool', 'remove', ...files])).code).toBe(0);
  expect([...(await readdir(join(dataDir, 'spool'))), ...(await readdir(join(dataDir, 'journal')))]).toEqual(
    [],
  );
  const after = await farthing(dataDir, ['doctor', '--json'], '', settings);
  expect(JSON.parse(after.stdout).ok).toBe(true);
}, 60_000);
