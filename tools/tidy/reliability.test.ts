import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const ROOT = path.join(import.meta.dirname, '../..');
const PAGE = readFileSync(path.join(ROOT, 'docs/reliability.md'), 'utf8');
const named = new Set(
  [...PAGE.matchAll(/`((?:packages|tests|tools)\/[\w./-]+\.ts)`/g)].map(([, file = '']) => file),
);
const rows = [...PAGE.matchAll(/^\| ([RS]\d+) \| .* \| (met|partly|not)\b[^|]* \| (.*) \|$/gm)].map(
  ([, id = '', state = '', shown = '']) => ({ id, state, shown }),
);

test('the page on reliability has every row once', () => {
  const ids = (letter: string, count: number) =>
    Array.from({ length: count }, (_, at) => `${letter}${at + 1}`);
  expect(rows.map(({ id }) => id)).toEqual([...ids('R', 26), ...ids('S', 22)]);
});

test('what is met, wholly or partly, names what shows it, and what is not names nothing', () => {
  expect(rows.filter(({ state, shown }) => (state === 'not') !== (shown === '–'))).toEqual([]);
  expect(rows.filter(({ state, shown }) => state !== 'not' && !shown.includes('.ts`'))).toEqual([]);
});

test('every file that it names is there', () => {
  expect(named.size).toBeGreaterThan(80);
  expect([...named].filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
});

test('it names every test of faults and crashes', () => {
  const tests = globSync('tests/{faults,crash,upgrade}/**/*.test.ts', { cwd: ROOT });
  expect(tests.filter((file) => !named.has(file)).sort()).toEqual([]);
});
