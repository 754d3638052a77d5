/** The demo as a newcomer starts it, in a data folder of its own that goes away with it. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const root = resolve(import.meta.dirname, '../..');

export interface Demo {
  /** Makes a one-time link. */
  readonly login: () => Promise<string>;
  stop(): Promise<void>;
}

/** Starts the demo on a free port and waits for its data. */
export async function startDemo(): Promise<Demo> {
  const data = await mkdtemp(join(tmpdir(), 'farthing-screenshots-'));
  const env = { ...process.env, FARTHING_DATA_DIR: data, PORT: '0', HOST: '127.0.0.1' };
  const cli = (args: readonly string[], dataDir: string) =>
    spawn(process.execPath, [join(root, 'packages/cli/src/main.ts'), ...args, '--json'], {
      cwd: root,
      env: { ...env, FARTHING_DATA_DIR: dataDir },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  const child = cli(['demo', '--quiet-traffic'], data);
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  await firstLine(child);
  return {
    login: async () => JSON.parse(await firstLine(cli(['login'], join(data, 'demo')))).url as string,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      await rm(data, { recursive: true, force: true });
    },
  };
}

async function firstLine(child: ReturnType<typeof spawn>): Promise<string> {
  if (child.stdout === null) throw new Error('the program has no output to read');
  for await (const line of createInterface({ input: child.stdout })) if (line.startsWith('{')) return line;
  throw new Error('the program ended without saying what it did');
}
