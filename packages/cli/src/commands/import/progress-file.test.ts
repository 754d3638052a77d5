import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { START } from '../../console/read-lines.ts';
import { openProgress } from './progress-file.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farthing-progress-'));
  file = join(folder, 'calls.ndjson');
  await writeFile(file, 'one\ntwo\nthree\n');
});
afterEach(() => rm(folder, { recursive: true }));

const reopen = (target = 'here') => openProgress(folder, file, target);

test('an interrupted import goes on where it was', async () => {
  await (await reopen()).save({ offset: 8, line: 2 });
  expect((await reopen()).position).toEqual({ offset: 8, line: 2 });
});

test('also when the file has grown since', async () => {
  await (await reopen()).save({ offset: 8, line: 2 });
  await appendFile(file, 'four\n');
  expect((await reopen()).position).toEqual({ offset: 8, line: 2 });
});

test('a rewritten file begins anew', async () => {
  await (await reopen()).save({ offset: 8, line: 2 });
  await writeFile(file, 'other\nlines\nhere\n');
  expect((await reopen()).position).toEqual(START);
});

test('another target begins anew', async () => {
  await (await reopen()).save({ offset: 8, line: 2 });
  expect((await reopen('elsewhere')).position).toEqual(START);
});

test('a finished import begins anew', async () => {
  const progress = await reopen();
  await progress.save({ offset: 14, line: 3 });
  await progress.finish();
  expect((await reopen()).position).toEqual(START);
});
