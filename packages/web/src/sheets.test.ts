/** The compiler does not look into sheets: a class that is misspelt, or that nothing has any more, shows here. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = import.meta.dirname;
const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
const components = files.filter((path) => path.endsWith('.tsx')).map(read);
const sheets = files.filter((path) => path.endsWith('.module.css'));

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

const all = (text: string, pattern: RegExp): ReadonlySet<string> =>
  new Set([...text.matchAll(pattern)].map((match) => match[1] ?? ''));

test.each(sheets)('%s holds the classes that its component names, and no others', (sheet) => {
  const rules = read(sheet).replace(/\/\*.*?\*\/|:global\([^)]*\)/gs, '');
  const name = sheet.split('/').at(-1) ?? '';
  const users = components.filter((text) => text.includes(`import styles from './${name}'`)).join('\n');
  expect(all(users, /styles\['(\w+)'\]/g)).toEqual(all(rules, /\.([a-zA-Z]\w*)/g));
});

test('looks stand in sheets, not in elements', () => {
  expect(components.filter((text) => /\bstyle=\{/.test(text))).toEqual([]);
  expect(components.filter((text) => /className="/.test(text))).toEqual([]);
});
