/** `farthing export` as a user runs it against a server. */
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startExportServer } from '../exports/export-server.ts';
import type { Ran } from './farthing.ts';

// Each command is a process of its own: on a busy machine some of them take a while.
vi.setConfig({ testTimeout: 400_000 });

const MAIN = new URL('../../packages/cli/src/main.ts', import.meta.url).pathname;

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'farthing-export-'));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

/** Runs `farthing export …` in a folder against a server elsewhere. */
async function exporting(cwd: string, url: string, key: string, ...args: string[]): Promise<Ran> {
  const env = { PATH: process.env['PATH'] ?? '', FARTHING_URL: url, FARTHING_API_KEY: key, NO_COLOR: '1' };
  const child = spawn(process.execPath, [MAIN, 'export', ...args], { cwd, env });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}

/** Three calls of one day, the last without a price, and the command line to ask for them. */
async function dayOfCalls() {
  const dir = await folder();
  const server = await startExportServer();
  onTestFinished(() => server.stop());
  const event = (id: string, model: string) => ({
    id,
    time: '2026-11-20T10:00:00Z',
    provider: 'openai',
    model,
    quantities: { input_uncached: 1_000 },
    tags: { team: id },
  });
  await server.record([event('a', 'gpt-5.2'), event('b', 'gpt-5.2'), event('c', 'nobody-knows-this')]);
  const run = (...args: string[]) => exporting(dir, server.server.url, server.acmeKey, ...args);
  const range = ['--from', '2026-11-20', '--to', '2026-11-20'];
  return { dir, range, run };
}

test('files of events and sums are written as they were asked for', async () => {
  const { range, run } = await dayOfCalls();
  const events = await run('events', ...range, '--format', 'ndjson', '--tag', 'team=b');
  expect(events.stderr).toBe('');
  expect(JSON.parse(events.stdout)).toMatchObject({ id: 'b', cost_usd: '0.00175', tags: { team: 'b' } });
  const costs = await run(
    ...['costs', ...range, '--group-by', 'model', '--measures', 'requests,cost'],
    ...['--bucket', 'day', '--filter', 'model=gpt-5.2'],
  );
  expect(costs.stdout).toBe(
    'bucket,from,to,model,groups,requests,cost_usd\r\n2026-11-20,2026-11-20T00:00:00.000Z,2026-11-21T00:00:00.000Z,gpt-5.2,1,2,0.0035\r\n',
  );
  const refused = await run('events', '--from', 'yesterday');
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/from: is neither a date/) });
});

test('a file of charges is written with its metadata, and both are checked', async () => {
  const { dir, range, run } = await dayOfCalls();
  const out = join(dir, 'focus.csv');
  const beside = join(dir, 'focus-metadata.json');
  const focus = await run('focus', ...range, '--out', out, '--metadata', beside);
  expect(focus).toMatchObject({ code: 0, stdout: '' });
  expect(focus.stderr).toContain('1 calls without a price have no rows');
  expect(await run('check', out)).toMatchObject({ code: 0, stdout: '2 rows: 0 errors, 0 warnings\n' });
  expect(await run('check', out, '--metadata', beside)).toMatchObject({ code: 0, stderr: '' });
  const whole = await readFile(out, 'utf8');
  expect(JSON.parse(await readFile(beside, 'utf8'))).toMatchObject({
    DataGenerator: { DataGenerator: 'Farthing' },
    data_location: [{ filepath: 'focus.csv', total_bytes: Buffer.byteLength(whole) }],
  });
  const other = whole.replace('x_Workflow', 'x_Other');
  await writeFile(join(dir, 'other.csv'), other);
  const differs = await run('check', join(dir, 'other.csv'), '--metadata', beside);
  expect(differs).toMatchObject({ code: 1, stdout: expect.stringContaining('x_Other: has no ColumnDef') });
  await writeFile(out, whole.replace('\r\n0.00175,', '\r\n-,'));
  const broken = await run('check', out);
  expect(broken.code).toBe(1);
  expect(broken.stdout).toMatch(/^row 2, BilledCost: "-" is not a number/);
  const lost = await run('check', join(dir, 'nothing.csv'), '--metadata', join(dir, 'nothing.json'));
  expect(lost).toMatchObject({ code: 1, stderr: expect.stringMatching(/^farthing: ENOENT.*nothing\.json/) });
  expect(await run('check', join(dir, 'nothing.csv'))).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/ENOENT/),
  });
});

test('a file that begins later than this month says so, one that was asked for from there does not', async () => {
  const dir = await folder();
  const server = await startExportServer();
  onTestFinished(() => server.stop());
  const call = { provider: 'openai', model: 'gpt-5.2', quantities: { output_text: 1 } };
  await server.record(['04', '15'].map((day) => ({ ...call, id: day, time: `2026-11-${day}T10:00:00Z` })));
  await server.server.context.db.asOperator((tx) =>
    tx.query("update tenants set events_from = '2026-11-12T00:00:00Z' where id = 'acme'"),
  );
  const run = (...args: string[]) => exporting(dir, server.server.url, server.acmeKey, ...args);
  const cut = await run('focus');
  expect(cut).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/^begins with 2026-11-12: .*not kept/),
  });
  expect(cut.stdout).toContain('2026-11-15');
  expect(await run('focus', '--from', '2026-11-12')).toMatchObject({ code: 0, stderr: '' });
  expect(await run('focus', '--from', '2026-11-01')).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/from=2026-11-12/),
  });
});

test('a file that breaks off is an error and leaves no file behind', async () => {
  const dir = await folder();
  const server = createServer((_request, response) => {
    response.write('id\r\na\r\n', () => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const out = join(dir, 'events.csv');
  const ran = await exporting(dir, `http://127.0.0.1:${port}`, 'some-key', 'events', '--out', out);
  expect(ran.code).toBe(1);
  expect(ran.stderr).toMatch(/broke off/);
  expect((await readdir(dir)).filter((name) => name.startsWith('events'))).toEqual([]);
});
