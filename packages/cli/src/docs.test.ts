/** Every command in the pages can be typed in a clone as it is, and is understood. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { createProgram } from './program.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const inDocs = (await readdir(join(ROOT, 'docs'), { recursive: true })).map((name) => join('docs', name));
const pages = ['README.md', 'CONTRIBUTING.md', ...inDocs.filter((name) => name.endsWith('.md'))];
const texts = await Promise.all(pages.map((page) => readFile(join(ROOT, page), 'utf8')));
const snippets = pages.flatMap((page, at) =>
  [...(texts[at] ?? '').matchAll(/^```(?:sh|bash)\n(.*?)^```/gms)].flatMap(([, block = '']) =>
    block.split('\n').map((line) => ({ page, line })),
  ),
);

test('no snippet takes it for granted that `farthing` is on the path', () => {
  expect(snippets.length).toBeGreaterThan(50);
  expect(snippets.filter(({ line }) => /(^|[|&;] *)farthing /.test(line))).toEqual([]);
});

describe('a snippet names a command and options that there are', () => {
  const commands = snippets.flatMap(({ page, line }) => {
    const found = /npm run -s farthing -- ([^|>#]+)/.exec(line)?.[1];
    return found === undefined ? [] : [[found.trim(), page] as const];
  });
  test.each(commands)('%s (%s)', (line) => {
    const words = line.split(/\s+/);
    let command: Command = createProgram();
    for (let word = words[0]; word !== undefined; word = words[0]) {
      const next = command.commands.find((one) => one.name() === word);
      if (next === undefined) break;
      command = next;
      words.shift();
    }
    expect(command.commands).toEqual([]);
    const known = command.options.map((option) => option.long);
    expect(words.filter((word) => word.startsWith('--') && !known.includes(word))).toEqual([]);
  });
});
