import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBinaries, NoEmbeddedPostgresError } from './binaries.ts';
import { isAlive, readPostmasterFile } from './postmaster.ts';

const OWNER = fileURLToPath(new URL('../../../../../tests/postgres/embedded-owner.ts', import.meta.url));
const isRoot = process.getuid?.() === 0;
const NOBODY = 65534;

interface Answer {
  readonly error?: string;
  readonly state?: 'started' | 'adopted';
  readonly connectionString?: string;
}

/** Starts a process that owns the data folder's PostgreSQL and waits for its first line. */
async function own(
  dataDir: string,
  options: { readonly uid?: number; readonly native?: string } = {},
): Promise<{ readonly process: ChildProcess; readonly answer: Answer }> {
  const child = spawn(process.execPath, [OWNER, dataDir, ...(options.native ? [options.native] : [])], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    env: { PATH: process.env['PATH'], NODE_NO_WARNINGS: '1' },
  });
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, 'line')) as [string];
  return { process: child, answer: JSON.parse(line) as Answer };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

async function ask<Row extends object>(connectionString: string | undefined, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('the embedded PostgreSQL', () => {
  let folder: string;
  let dataDir: string;
  const children: ChildProcess[] = [];
  const start = async (...args: Parameters<typeof own>) => {
    const started = await own(...args);
    children.push(started.process);
    return started;
  };
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'farthing-embedded-'));
    await chmod(folder, 0o755);
    dataDir = path.join(folder, 'data with a space');
  });
  afterAll(async () => {
    await Promise.all(children.map((child) => end(child, 'SIGTERM')));
    await rm(folder, { recursive: true, force: true });
  });

  test('is durable, UTF-8, checksummed, and the application is no superuser', async () => {
    const { process: owner, answer } = await start(dataDir);
    expect(answer).toMatchObject({ state: 'started' });
    const [row] = await ask(
      answer.connectionString,
      `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as sync,
              current_setting('server_encoding') as encoding, current_setting('data_checksums') as checksums,
              (select datlocprovider::text || ' ' || datlocale from pg_database where datname = current_database()) as locale,
              (select rolsuper or rolbypassrls from pg_roles where rolname = current_user) as almighty,
              current_setting('listen_addresses') as tcp`,
    );
    expect(row).toEqual({
      fsync: 'on',
      sync: 'on',
      encoding: 'UTF8',
      checksums: 'on',
      locale: 'b C.UTF-8',
      almighty: false,
      tcp: '',
    });
    const modes = await Promise.all(
      ['postgres', 'postgres.secrets.json'].map(
        async (name) => (await stat(path.join(dataDir, name))).mode & 0o777,
      ),
    );
    expect(modes).toEqual([0o700, 0o600]);
    await end(owner, 'SIGTERM');
    expect(await readPostmasterFile(path.join(dataDir, 'postgres'))).toBeNull();
  });

  test('a second server on the folder is refused with the first one named', async () => {
    const first = await start(dataDir);
    const second = await start(dataDir);
    expect(second.answer.error).toContain(
      `in use by the Farthing server with process id ${first.process.pid}`,
    );
    expect(second.answer.error).toContain('FARTHING_DATA_DIR');
    await end(first.process, 'SIGTERM');
    const third = await start(dataDir);
    expect(third.answer.state).toBe('started');
    await end(third.process, 'SIGTERM');
  });

  test('after kill -9 of the server its PostgreSQL is adopted with all it held', async () => {
    const first = await start(dataDir);
    await ask(first.answer.connectionString, 'create table kept as select 7 as n');
    await end(first.process, 'SIGKILL');
    const second = await start(dataDir);
    expect(second.answer.state).toBe('adopted');
    expect(await ask(second.answer.connectionString, 'select n from kept')).toEqual([{ n: 7 }]);
    const before = await readPostmasterFile(path.join(dataDir, 'postgres'));
    await end(second.process, 'SIGTERM');
    expect(before === null || isAlive(before.pid)).toBe(false);
    expect(second.process.exitCode).toBe(0);
  });

  test('after kill -9 of PostgreSQL the server starts it again', async () => {
    const { process: owner, answer } = await start(dataDir);
    await ask(answer.connectionString, 'create table survives as select 8 as n');
    const before = await readPostmasterFile(path.join(dataDir, 'postgres'));
    if (before === null) throw new Error('no postmaster.pid');
    process.kill(before.pid, 'SIGKILL');
    await expect
      .poll(() => ask<{ n: number }>(answer.connectionString, 'select n from survives').catch(() => null), {
        timeout: 20_000,
        interval: 50,
      })
      .toEqual([{ n: 8 }]);
    expect((await readPostmasterFile(path.join(dataDir, 'postgres')))?.pid).not.toBe(before.pid);
    await end(owner, 'SIGTERM');
  });

  test('a postmaster.pid that names a stranger does not stop the start', async () => {
    const stranger = spawn('sleep', ['1000']);
    await writeFile(
      path.join(dataDir, 'postgres', 'postmaster.pid'),
      `${stranger.pid}\n/x\n0\n5432\n\n\n\nready\n`,
    );
    const { process: owner, answer } = await start(dataDir);
    expect(answer.state).toBe('started');
    await end(owner, 'SIGTERM');
    await end(stranger, 'SIGKILL');
  });

  test('data of another major version stop it with the way out', async () => {
    const file = path.join(dataDir, 'postgres', 'PG_VERSION');
    const version = await readFile(file, 'utf8');
    await writeFile(file, '17\n');
    const { answer } = await start(dataDir);
    await writeFile(file, version);
    expect(answer.error).toMatch(
      /belong to PostgreSQL 17; this Farthing brings PostgreSQL 18.*farthing backup/s,
    );
  });

  test('a folder too deep for a socket path gets a short one', async () => {
    const deep = path.join(folder, 'd'.repeat(90), 'data');
    const { process: owner, answer } = await start(deep);
    expect(answer.error).toBeUndefined();
    expect(await ask(answer.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
    await end(owner, 'SIGTERM');
  });

  test('a platform without binaries is told to set DATABASE_URL', async () => {
    await expect(findBinaries('sunos-sparc')).rejects.toThrow(NoEmbeddedPostgresError);
    await expect(findBinaries('sunos-sparc')).rejects.toThrow(/sunos-sparc.*DATABASE_URL/s);
  });

  // Only root can be a stranger to its own database user.
  test.skipIf(!isRoot)('as root, below a private folder, it runs as another user', async () => {
    const home = path.join(folder, 'private');
    await mkdir(home, { mode: 0o700 });
    const native = path.join(home, 'native');
    const installed = await findBinaries();
    await cp(installed, native, { recursive: true, verbatimSymlinks: true });
    await cp(path.join(installed, '../package.json'), path.join(home, 'package.json'));
    const { process: owner, answer } = await start(path.join(home, 'data'), { native });
    expect(answer.error).toBeUndefined();
    const file = await readPostmasterFile(path.join(home, 'data', 'postgres'));
    const status = await readFile(`/proc/${file?.pid}/status`, 'utf8');
    expect(status).toMatch(/^Uid:\t65534\t65534\t65534\t65534$/m);
    expect(await ask(answer.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
    await end(owner, 'SIGTERM');
  });

  // Only root can switch to another user.
  test.skipIf(!isRoot)('an ordinary user runs it as itself, and opens no cluster of another', async () => {
    const home = path.join(folder, 'ordinary');
    await mkdir(home);
    await chown(home, NOBODY, NOBODY);
    const { process: owner, answer } = await start(path.join(home, 'data'), { uid: NOBODY });
    expect(answer).toMatchObject({ state: 'started' });
    await end(owner, 'SIGTERM');
    const stranger = await start(path.join(home, 'data'), { uid: NOBODY - 1 });
    expect(stranger.answer.error).toContain(`belongs to user id ${NOBODY}`);
  });
});
