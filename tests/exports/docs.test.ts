/** docs/exports.md names every column there is. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { EXPORTED_EVENT_COLUMNS } from '../../packages/server/src/exports/event-columns.ts';
import { FOCUS_COLUMNS } from '../../packages/server/src/exports/focus/columns.ts';

const page = await readFile(new URL('../../docs/exports.md', import.meta.url), 'utf8');
const words = new Set([...page.matchAll(/`([^`\n]+)`/g)].flatMap(([, text = '']) => text.split(/,\s*/)));

test.each([
  ['an export of events', EXPORTED_EVENT_COLUMNS],
  ['a FOCUS file', FOCUS_COLUMNS],
])('every column of %s', (_name, columns) => {
  expect(columns.map(({ name }) => name).filter((name) => !words.has(name))).toEqual([]);
});
