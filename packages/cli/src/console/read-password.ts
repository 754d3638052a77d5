/** Reads a password: typed at a terminal without showing it, else the first line of standard input. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { CliError } from './output.ts';

export async function readPassword(prompt: string): Promise<string> {
  const terminal = process.stdin.isTTY;
  if (terminal) process.stderr.write(prompt);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal });
  try {
    for await (const line of lines) {
      if (line !== '') return line;
      break;
    }
  } finally {
    lines.close();
    if (terminal) process.stderr.write('\n');
  }
  throw new CliError('no password was given: type one, or give it on standard input');
}
