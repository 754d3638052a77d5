/** Runs the `farthing` command as a user does: a process, its output, its exit code. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

const MAIN = new URL('../../packages/cli/src/main.ts', import.meta.url).pathname;

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs to the end with a data folder of its own and no other settings than those given. */
export async function farthing(
  dataDir: string,
  args: readonly string[],
  input = '',
  settings: { readonly [variable: string]: string } = {},
): Promise<Ran> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: dataDir,
    env: {
      PATH: process.env['PATH'] ?? '',
      FARTHING_DATA_DIR: dataDir,
      PORT: '0',
      NO_COLOR: '1',
      ...settings,
    },
  });
  child.stdin.on('error', () => undefined); // a command that does not read its input may end before it was written
  child.stdin.end(input);
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}
