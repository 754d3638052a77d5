import { describe, expect, test } from 'vitest';
import { rulesBroken } from './made-up-tree.ts';

describe('a name is exported once', () => {
  const here = 'packages/pricing/src/usage/a.ts';
  const there = 'packages/contract/src/a.ts';
  test.each([
    ['a constant', 'export const Name = 1;'],
    ['a function', 'export function Name() {}'],
    ['a class', 'export class Name {}'],
    ['a type', 'export type Name = 1;'],
    ['an interface', 'export interface Name {}'],
    ['a list', 'const Name = 1; export { Name };'],
    ['another name', 'const own = 1; export { own as Name };'],
  ])('over all packages: %s', (_kind, text) => {
    expect(rulesBroken({ [here]: text })).toEqual([]);
    expect(rulesBroken({ [here]: text, [there]: 'export type Name = 2;' })).toEqual(['exported-once']);
  });

  test('a value and its type of one file are one name', () => {
    expect(rulesBroken({ [here]: 'export const Name = 1; export type Name = 1;' })).toEqual([]);
  });

  test('passing a name on is no second export', () => {
    const own = { [here]: 'export const Name = 1;' };
    expect(
      rulesBroken({ ...own, 'packages/pricing/src/usage/b.ts': "export { Name } from './a.ts';" }),
    ).toEqual([]);
    expect(
      rulesBroken({
        ...own,
        'packages/pricing/src/usage/b.ts': "import { Name } from './a.ts'; export { Name };",
      }),
    ).toEqual([]);
  });

  test('tests may use any name', () => {
    expect(rulesBroken({ [here]: 'export const Name = 1;', 'tests/a.ts': 'export const Name = 1;' })).toEqual(
      [],
    );
  });
});

test('a class of errors ends in Error', () => {
  const path = 'packages/pricing/src/a.ts';
  expect(rulesBroken({ [path]: 'class TooLongError extends RangeError {}' })).toEqual([]);
  expect(rulesBroken({ [path]: 'class Long extends Text {}' })).toEqual([]);
  expect(rulesBroken({ [path]: 'export class TooLong extends RangeError {}' })).toEqual(['error-name']);
  expect(rulesBroken({ 'tests/a.ts': 'class Hang extends Error {}' })).toEqual([]);
});

describe('files with SQL', () => {
  const inRoom = (name: string) => `packages/server/src/tenants/${name}`;
  test.each([
    'const a = "select 1";',
    'const a = `\n  insert into keys values (1)`;',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a program
    'const a = `update keys set name = ${one}`;',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a program
    'const a = `update ${table} as k set name = 1`;',
    'const a = `with good as (select 1) select * from good`;',
    "const a = 'delete from keys';",
  ])('say so by their name: %s', (text) => {
    for (const name of [
      'store.ts',
      'key-store.ts',
      'key-rows.ts',
      'key-sql.ts',
      'read-keys.ts',
      'erase-keys.ts',
    ])
      expect(rulesBroken({ [inRoom(name)]: text })).toEqual([]);
    for (const name of ['keys.ts', 'reader.ts', 'key-stores.ts', 'read.ts'])
      expect(rulesBroken({ [inRoom(name)]: text })).toEqual(['sql-name']);
  });

  test.each(["const a = 'Update the price.';", "const a = 'update your client';", "const a = 'with care';"])(
    'are not those with a sentence: %s',
    (text) => {
      expect(rulesBroken({ [inRoom('keys.ts')]: text })).toEqual([]);
    },
  );

  test.each([
    "const a = \"select set_config('lock_timeout', '1s', true)\";",
    'const a = "select current_setting(\'transaction_read_only\')";',
  ])('are not those that only touch settings of their transaction: %s', (text) => {
    expect(rulesBroken({ [inRoom('keys.ts')]: text })).toEqual([]);
  });

  test('have any name in rooms that are SQL through and through, and in tests', () => {
    const text = "const a = 'select 1';";
    expect(rulesBroken({ 'packages/server/src/db/schema/anything.ts': text })).toEqual([]);
    expect(rulesBroken({ [inRoom('keys.test.ts')]: text })).toEqual([]);
  });
});

describe('dependencies', () => {
  const manifest = (name: string) => ({
    'packages/web/package.json': `{"name":"@farthing/web","devDependencies":{"${name}":"1"}}`,
  });
  test.each([
    ['react', "import 'react';", 'packages/web/src/a.tsx'],
    ['react', "import 'react/jsx-runtime';", 'packages/web/src/a.tsx'],
    ['@fontsource/inter', "@import '@fontsource/inter/latin.css';", 'packages/web/src/styles.css'],
    ['@types/react', "import 'react';", 'packages/web/vite.config.ts'],
    ['tool', "const bin = 'node_modules/tool/bin/tool';", 'packages/web/vite.config.ts'],
  ])('%s is used by %s', (name, text, path) => {
    expect(rulesBroken({ ...manifest(name), [path]: text })).toEqual([]);
    expect(rulesBroken({ ...manifest(name), [path]: '' })).toEqual(['dependency']);
  });

  test('a file or a longer name of the same beginning is no use', () => {
    const text = "import './react.ts'; import 'react-dom';";
    const files = { 'packages/cli/package.json': `{"dependencies":{"react":"1","react-dom":"1"}}` };
    expect(rulesBroken({ ...files, 'packages/cli/src/react.ts': '', 'packages/cli/src/a.ts': text })).toEqual(
      ['dependency'],
    );
  });

  test('of another workspace do not count; those of the root may be used by all', () => {
    const used = { 'packages/pricing/src/a.test.ts': "import 'react';" };
    expect(rulesBroken({ ...manifest('react'), ...used })).toEqual(['dependency']);
    expect(rulesBroken({ 'package.json': '{"devDependencies":{"react":"1"}}', ...used })).toEqual([]);
  });
});

describe('arrows back', () => {
  const there = { 'packages/cli/src/event/a.ts': "import '../requests/a.ts';" };
  test('between the rooms of a folder are refused, though no file imports itself', () => {
    const back = { 'packages/cli/src/requests/b.ts': "import type { A } from '../event/b.ts';" };
    const ends = {
      'packages/cli/src/requests/a.ts': '',
      'packages/cli/src/event/b.ts': 'export type A = 1;',
    };
    expect(rulesBroken({ ...there, ...ends })).toEqual([]);
    expect(rulesBroken({ ...there, ...ends, ...back })).toEqual(['arrow-back']);
  });

  test('a test may know both', () => {
    const ends = { 'packages/cli/src/requests/a.ts': '', 'packages/cli/src/event/b.ts': '' };
    const test = { 'packages/cli/src/requests/b.test.ts': "import '../event/b.ts';" };
    expect(rulesBroken({ ...there, ...ends, ...test })).toEqual([]);
  });
});

test.each([0, 7, 0x1b, 0x7f])('a control character (%d) is refused; tabs and line ends are none', (code) => {
  const path = 'packages/pricing/src/a.ts';
  expect(rulesBroken({ [path]: "const a = '\t';\n// \t\n" })).toEqual([]);
  expect(rulesBroken({ [path]: `// ${String.fromCharCode(code)}\n` })).toEqual(['control-character']);
});
