import { describe, expect, test } from 'vitest';
import { checkTree } from './checks.ts';
import { rulesBroken, treeOf } from './made-up-tree.ts';

const lines = (count: number) => 'void 0;\n'.repeat(count);

describe('length of a file', () => {
  const path = 'packages/pricing/src/long.ts';
  test('a source file over 300 lines is refused, a test over 400', () => {
    expect(rulesBroken({ [path]: lines(300) })).toEqual([]);
    expect(rulesBroken({ [path]: lines(301) })).toEqual(['length']);
    expect(rulesBroken({ 'tests/long.test.ts': lines(400) })).toEqual([]);
    expect(rulesBroken({ 'tests/long.test.ts': lines(401) })).toEqual(['length']);
  });

  test('unless it is listed', () => {
    expect(rulesBroken({ [path]: lines(301) }, { length: ['long.ts'] })).toEqual([]);
  });
});

describe('exceptions', () => {
  test('excuse what they name and nothing else', () => {
    const files = { 'packages/pricing/src/a.ts': lines(301), 'packages/pricing/src/b.ts': lines(301) };
    expect(checkTree(treeOf(files), { length: ['a.ts'] }).map(({ path }) => path)).toEqual([
      'packages/pricing/src/b.ts',
    ]);
  });

  test('that nothing needs any more are refused', () => {
    const path = 'packages/pricing/src/a.ts';
    expect(rulesBroken({ [path]: lines(300) }, { length: ['a.ts'] })).toEqual(['exception']);
    expect(rulesBroken({}, { 'exported-once': ['Gone'] })).toEqual(['exception']);
  });

  test('of one rule do not excuse another', () => {
    expect(rulesBroken({ 'packages/pricing/src/a.ts': lines(301) }, { 'folder-size': ['a.ts'] })).toEqual([
      'length',
      'exception',
    ]);
  });
});

describe('length of a function', () => {
  const body = (count: number) => '  void 0;\n'.repeat(count - 2);
  test.each([
    ['a function', (n: number) => `function long() {\n${body(n)}}\n`],
    ['an arrow', (n: number) => `const long = () => {\n${body(n)}};\n`],
    ['a method', (n: number) => `class A { long() {\n${body(n)}} }\n`],
  ])('%s over 80 lines is refused, by its name', (_kind, text) => {
    const path = 'packages/pricing/src/a.ts';
    expect(rulesBroken({ [path]: text(80) })).toEqual([]);
    expect(checkTree(treeOf({ [path]: text(81) }), {})).toMatchObject([
      { rule: 'function-length', subject: 'a.ts long' },
    ]);
  });

  test('the body of a test may be longer', () => {
    expect(
      rulesBroken({ 'packages/pricing/src/a.test.ts': `describe('x', () => {\n${body(200)}});\n` }),
    ).toEqual([]);
  });
});

describe('folders', () => {
  const room = (count: number, more: { readonly [path: string]: string } = {}) => ({
    ...Object.fromEntries(
      Array.from({ length: count }, (_, at) => [`packages/pricing/src/room/f${at}.ts`, '']),
    ),
    ...more,
  });
  const readme = { 'packages/pricing/src/room/README.md': '# room' };

  test('with more than 20 source files are refused; tests and folders inside do not count', () => {
    const beside = {
      ...readme,
      'packages/pricing/src/room/a.test.ts': '',
      'packages/pricing/src/room/inside/a.ts': '',
    };
    expect(rulesBroken(room(20, beside))).toEqual([]);
    expect(rulesBroken(room(21, beside))).toEqual(['folder-size']);
  });

  test('with more than 10, those of folders inside counted, have a README', () => {
    expect(rulesBroken(room(10))).toEqual([]);
    const eleven = room(10, { 'packages/pricing/src/room/inside/a.ts': '' });
    expect(rulesBroken(eleven)).toEqual(['readme']);
    expect(rulesBroken({ ...eleven, ...readme })).toEqual([]);
  });
});
