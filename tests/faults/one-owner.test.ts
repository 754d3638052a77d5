/** One server per data folder, whatever database it works on. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { takeDataDirLock } from '../../packages/server/src/db/embedded/lock.ts';
import { farthing } from '../cli/farthing.ts';
import { type DataFolder, makeDataFolder } from '../crash/data-folder.ts';
import { ServerProcess } from '../crash/server-process.ts';
import { createTestDatabase } from '../postgres/test-database.ts';

const HOLDER = fileURLToPath(new URL('lock-holder.ts', import.meta.url));
const RACERS = 20;

async function folder(): Promise<DataFolder> {
  const made = await makeDataFolder();
  onTestFinished(() => made.remove());
  return made;
}

interface Racer {
  readonly process: ChildProcess;
  /** Goes for the lock, or gives it back; answers what came of it. */
  say(
    word: 'take' | 'release',
  ): Promise<{ readonly held?: number; readonly error?: string; readonly released?: number }>;
}

async function racer(dataDir: string): Promise<Racer> {
  const child = spawn(process.execPath, [HOLDER, dataDir], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => kill(child));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  return {
    process: child,
    async say(word) {
      child.stdin.write(`${word}\n`);
      return JSON.parse(String((await lines.next()).value));
    },
  };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** All go for one folder at once: exactly one gets it, and the others learn which. Returns that one. */
async function race(racers: readonly Racer[]): Promise<Racer> {
  const results = await Promise.all(racers.map((one) => one.say('take')));
  const holders = results.flatMap(({ held }) => held ?? []);
  expect(holders).toHaveLength(1);
  const refusals = results.flatMap(({ error }) => error ?? []);
  expect(refusals).toHaveLength(racers.length - 1);
  for (const refusal of refusals) {
    expect(refusal).toContain(`in use by the Farthing server with process id ${holders[0]}`);
    expect(refusal).toContain('FARTHING_DATA_DIR');
  }
  const winner = racers.find((one) => one.process.pid === holders[0]);
  if (winner === undefined) throw new Error('the holder is none of the racers');
  return winner;
}

test('of twenty processes that want a folder at once exactly one gets it, whether it is free or its owner died', async () => {
  const { path } = await folder();
  const racers = await Promise.all(Array.from({ length: RACERS + 1 }, () => racer(path)));
  const first = await race(racers);
  await kill(first.process);
  expect((await lstat(join(path, 'server.lock'))).isSymbolicLink()).toBe(true);
  const others = racers.filter((one) => one !== first);
  const heir = await race(others);
  await heir.say('release');
  expect((await readdir(path)).filter((name) => name.startsWith('server.lock'))).toEqual([]);
}, 60_000);

test('the lock of an earlier release, a file, is respected while its holder lives and taken over after that', async () => {
  const { path } = await folder();
  const earlier = (holder: number, started: string) =>
    writeFile(
      join(path, 'server.lock'),
      JSON.stringify({ pid: holder, started, host: hostname(), since: '2026-11-01T00:00:00.000Z' }),
    );
  await earlier(process.pid, await startOfThisProcess());
  await expect(takeDataDirLock(path)).rejects.toThrow(`process id ${process.pid}`);
  // The process id is taken again by a later process.
  await earlier(process.pid, '1');
  const lock = await takeDataDirLock(path);
  await lock.release();
});

/** As the lock tells a process from a later one with the same id. */
async function startOfThisProcess(): Promise<string> {
  const line = await readFile('/proc/self/stat', 'utf8').catch(() => '');
  return line.slice(line.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

test('a second server on one Postgres and one data folder is refused; commands that only look still work', async () => {
  const store = await createTestDatabase();
  onTestFinished(() => store.drop());
  const { path: dataDir } = await folder();
  const databaseUrl = store.connectionString;
  const first = await ServerProcess.create({ dataDir, databaseUrl });
  onTestFinished(async () => {
    await first.end('SIGTERM');
  });
  await first.start();
  const second = await ServerProcess.create({ dataDir, databaseUrl });
  onTestFinished(async () => {
    await second.end('SIGTERM');
  });
  await expect(second.start()).rejects.toThrow(
    /is in use by the Farthing server with process id \d+.*FARTHING_DATA_DIR/s,
  );
  expect((await fetch(`${first.url}/readyz`)).status).toBe(200);
  const doctor = await farthing(dataDir, ['doctor'], '', { DATABASE_URL: databaseUrl });
  expect(doctor.stdout).toContain('ready at');
  // A killed one leaves its lock, and the next takes over.
  await first.end('SIGKILL');
  await first.start();
}, 60_000);

test('a data folder that cannot be made ends the start with what to do', async () => {
  const { path } = await folder();
  await writeFile(join(path, 'file'), '');
  await expect(takeDataDirLock(join(path, 'file', 'data'))).rejects.toThrow(
    /cannot be made or written.*FARTHING_DATA_DIR/s,
  );
});

// Root may write everywhere.
test.skipIf(process.getuid?.() === 0)(
  'a data folder that may not be written ends the start with what to do',
  async () => {
    const { path } = await folder();
    const closed = join(path, 'closed');
    await mkdir(closed, { mode: 0o500 });
    onTestFinished(() => chmod(closed, 0o700));
    await expect(takeDataDirLock(closed)).rejects.toThrow(/EACCES.*FARTHING_DATA_DIR/s);
  },
);
