/**
 * `npm run bench [name…]`: runs the benchmarks one after the other, each in a process of its own. Both sides of a
 * comparison are always measured in the same run: only ratios can be compared between machines.
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describeMachine } from './machine.ts';

/** Files of this folder that measure nothing by themselves. */
const FRAME = new Set(['run.ts', 'machine.ts']);

const wanted = process.argv.slice(2).filter((arg) => !arg.startsWith('-'));
const flags = process.argv.slice(2).filter((arg) => arg.startsWith('-'));
const all = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.ts') && !FRAME.has(file));
const chosen = all.filter((file) => wanted.length === 0 || wanted.some((name) => file.includes(name))).sort();

if (chosen.length === 0) {
  console.error(`No benchmark matches. There are: ${all.map((file) => file.slice(0, -3)).join(', ')}.`);
  process.exitCode = 1;
} else {
  console.log(describeMachine());
}
for (const file of chosen) {
  console.log(`\n${file.slice(0, -3)}`);
  const code = await runFile(join(import.meta.dirname, file));
  if (code !== 0) process.exitCode = 1;
}

function runFile(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path, ...flags], { stdio: 'inherit' });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
