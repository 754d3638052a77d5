import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';

const SETUP = new URL('../../tools/setup.mjs', import.meta.url).pathname;
const MAIN = new URL('../../packages/cli/src/main.ts', import.meta.url).pathname;

/** As npm does it: a shell that runs the front door; `; true` keeps any shell from becoming the command itself. */
function startUnderShell(dataDir: string) {
  return spawn('sh', ['-c', `"${process.execPath}" "${SETUP}" start; true`], {
    env: {
      PATH: process.env['PATH'] ?? '',
      FARTHING_DATA_DIR: dataDir,
      PORT: '0',
      npm_lifecycle_event: 'start',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function startServer(dataDir: string) {
  return spawn(process.execPath, [MAIN, 'serve'], {
    env: { PATH: process.env['PATH'] ?? '', FARTHING_DATA_DIR: dataDir, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Runs a server to its first listening, ends it, and answers all it wrote: its output ends when the server has. */
async function endedBy(
  start: (dataDir: string) => ReturnType<typeof startServer>,
  signal: NodeJS.Signals,
): Promise<string> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'farthing-front-door-'));
  try {
    const child = start(dataDir);
    let written = '';
    let asked = false;
    for await (const piece of child.stdout) {
      written += String(piece);
      if (asked || !written.includes('Farthing is listening')) continue;
      asked = true;
      child.kill(signal);
    }
    return written;
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

test('a server whose npm was stopped with SIGTERM drains and stops', async () => {
  expect(await endedBy(startUnderShell, 'SIGTERM')).toContain('Farthing has stopped');
}, 120_000);

test('a server whose terminal was closed drains and stops', async () => {
  expect(await endedBy(startServer, 'SIGHUP')).toContain('Farthing has stopped');
}, 120_000);

test('a reader that has seen enough ends a command without a complaint', async () => {
  const child = spawn(process.execPath, [MAIN, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
  expect([await text(child.stderr), await ended]).toEqual(['', 0]);
}, 60_000);
