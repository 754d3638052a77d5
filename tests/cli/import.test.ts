import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { createTestDatabase } from '../postgres/test-database.ts';
import { farthing } from './farthing.ts';

const FIXTURES = process.env['FARTHING_FIXTURES'];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farthing-cli-'));
});
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));

const GOOD = [
  '{"id":"a","provider":"openai","model":"gpt-4o-mini","usage":{"prompt_tokens":1000,"completion_tokens":10}}',
  '{"id":"b","provider":"openai","format":"json","body":{"id":"chatcmpl-1","object":"chat.completion","created":1770000000,"model":"gpt-4o-mini","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21}}}',
  '{"id":"c","provider":"openai","model":"no-such-model","usage":{"prompt_tokens":1,"completion_tokens":1}}',
];

/** A ledger of its own, to import into and to look at. */
async function openLedger() {
  const store = await createTestDatabase();
  onTestFinished(() => store.drop());
  const settings = { DATABASE_URL: store.connectionString };
  return {
    run: (args: readonly string[], input = '') => farthing(folder, args, input, settings),
    ask: async (sql: string): Promise<readonly Record<string, unknown>[]> =>
      (await store.database.asOperator((tx) => tx.query(sql))).rows,
  };
}

test('good lines are kept beside bad ones, bad ones are named by number, and twice is once', async () => {
  const file = join(folder, 'calls.ndjson.gz');
  await writeFile(
    file,
    gzipSync([GOOD[0], '{broken', GOOD[1], '', '{"id":"x","spans":[]}', GOOD[2]].join('\n')),
  );
  const { run, ask } = await openLedger();
  const first = await run(['import', file, '--agent', 'importer', '--tag', 'run=7', '--json']);
  expect(first.code).toBe(2);
  expect(first.stderr).toContain(`${file}:2: invalid_json`);
  expect(first.stderr).toContain(`${file}:5: unrecognised_body`);
  const summary = JSON.parse(first.stdout);
  expect(summary).toMatchObject({ lines: 5, accepted: 3, rejected: 2, unpriced: 1 });
  expect(summary.unpriced_models).toEqual([{ name: 'openai no-such-model', lines: 1 }]);

  const second = await run(['import', file, '--agent', 'importer', '--tag', 'run=7', '--json']);
  expect(JSON.parse(second.stdout)).toMatchObject({ accepted: 0, duplicate: 3, rejected: 2 });

  const rows = await ask(
    'select id, door, agent, tags, total_cost::text as cost from usage_events order by id',
  );
  expect(rows).toEqual([
    { id: 'a', door: 'import', agent: 'importer', tags: { run: '7' }, cost: '0.000156000000' },
    { id: 'b', door: 'import', agent: 'importer', tags: { run: '7' }, cost: '0.000008550000' },
    { id: 'c', door: 'import', agent: 'importer', tags: { run: '7' }, cost: null },
  ]);
}, 120_000);

test('a dry run stores nothing', async () => {
  const { code, stdout } = await farthing(folder, ['import', '-', '--dry-run', '--json'], GOOD.join('\n'));
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ lines: 3, rejected: 0, dry_run: true });
  expect(await readdir(folder)).toEqual([]);
}, 60_000);

/** Lines that only the whole path to the ledger tells apart. */
const MIXED = [
  ...GOOD,
  '{broken',
  '{"id":"spans","spans":[]}',
  '{"id":"field","provider":"openai","model":"gpt-4o","usage":{"prompt_tokens":1},"colour":"red"}',
  '{"id":"negative","provider":"openai","model":"gpt-4o","quantities":{"input_uncached":-1}}',
  '{"id":"meter","provider":"openai","model":"gpt-4o","quantities":{"input_uncachd":1}}',
  '{"id":"seller","provider":"nobody","model":"gpt-4o","quantities":{"input_uncached":1}}',
  '{"id":"tenant","tenant":"nobody","provider":"openai","model":"gpt-4o","usage":{"prompt_tokens":1}}',
  '{"id":"late","time":"2199-01-01T00:00:00Z","provider":"openai","model":"gpt-4o","usage":{"prompt_tokens":1}}',
  '{"id":"surrogate-\\ud800","provider":"openai","model":"gpt-4o","usage":{"prompt_tokens":1}}',
  '{"id":"envelope","provider":"openai","format":"sse","body":{"object":"list"}}',
  GOOD[0],
  '{"id":"a","provider":"openai","model":"gpt-4o-mini","usage":{"prompt_tokens":2000,"completion_tokens":10}}',
  '{"id":"cut","status":"aborted","provider":"openai","model":"gpt-4o","usage":{"prompt_tokens":5}}',
  '{"id":"cut","provider":"openai","model":"gpt-4o","usage":{"prompt_tokens":9,"completion_tokens":2}}',
];

test('a dry run counts as the import of the same lines does, into a new ledger and into one that has them', async () => {
  const file = join(folder, 'mixed.ndjson');
  await writeFile(file, MIXED.join('\n'));
  const dataDir = join(folder, 'data');
  await mkdir(dataDir);
  const args = ['import', file, '--agent', 'importer', '--json'];
  const counts = async (dryRun: boolean) => {
    const { code, stdout } = await farthing(dataDir, [...args, ...(dryRun ? ['--dry-run'] : [])]);
    const { dry_run, ...summary } = JSON.parse(stdout);
    expect(dry_run).toBe(dryRun);
    return { code, ...summary };
  };
  const dry = await counts(true);
  expect(await readdir(dataDir)).toEqual([]);
  expect(dry).toMatchObject({ code: 2, lines: 17, accepted: 4, superseded: 1, duplicate: 1, unpriced: 1 });
  expect(await counts(false)).toEqual(dry);
  const again = await counts(true);
  expect(again).toMatchObject({ accepted: 0, duplicate: 6, rejected: dry.rejected });
  expect(await counts(false)).toEqual(again);
}, 240_000);

test('every failure is one line on stderr with its exit code', async () => {
  const missing = await farthing(folder, ['import', 'no-such-file']);
  expect([missing.code, missing.stderr]).toEqual([1, 'farthing: There is no file no-such-file.\n']);
  expect((await farthing(folder, ['no-such-command'])).code).toBe(64);
  expect((await farthing(folder, ['--help'])).code).toBe(0);
}, 60_000);

/** Recorded OpenAI and Anthropic responses, where a folder of them is at hand. */
async function recordedLines(fixtures: string): Promise<string[]> {
  const files = (await readdir(fixtures)).filter((name) => name.endsWith('.ndjson'));
  const texts = await Promise.all(files.sort().map((name) => readFile(join(fixtures, name), 'utf8')));
  const wanted = /"provider":"(openai|anthropic)"/;
  return texts.flatMap((text) => text.split('\n').filter((line) => wanted.test(line.slice(0, 400))));
}

// Recordings are not part of the repository: without FARTHING_FIXTURES there is nothing to compare.
test.skipIf(FIXTURES === undefined)(
  'an import of recorded responses costs what `farthing usage` says, to the picodollar',
  async () => {
    const lines = await recordedLines(FIXTURES ?? '');
    const file = join(folder, 'recorded.ndjson');
    await writeFile(file, lines.join('\n'));
    const { run, ask } = await openLedger();
    const imported = await run(['import', file, '--json']);
    const summary = JSON.parse(imported.stdout);
    expect(summary).toMatchObject({ lines: lines.length, duplicate: 0 });

    const usage = await farthing(folder, ['usage', '--jsonl'], lines.join('\n'));
    const read = usage.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const priced = read.filter((one) => one.ok && one.cost_usd !== null);
    const picos = priced.reduce((sum, one) => sum + toPicos(one.cost_usd), 0n);
    const [stored] = await ask(
      'select count(*)::int as events, sum(total_cost)::text as cost from usage_events',
    );
    expect(stored?.['events']).toBe(read.filter((one) => one.ok).length);
    expect(toPicos(String(stored?.['cost']))).toBe(picos);
  },
  180_000,
);

function toPicos(usd: string): bigint {
  const [whole = '0', fraction = ''] = usd.split('.');
  return BigInt(whole + fraction.padEnd(12, '0'));
}
