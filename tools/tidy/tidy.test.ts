import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkTree } from './checks.ts';
import { rulesBroken, treeOf } from './made-up-tree.ts';
import { readTree } from './tree.ts';
import type { Rule } from './violation.ts';

describe('this repository', () => {
  test('keeps its own rules', () => {
    const violations = checkTree(readTree(join(import.meta.dirname, '../..')));
    expect(violations.map((v) => `${v.path}:${v.line} [${v.rule}] ${v.message}`)).toEqual([]);
  });
});

describe('a clean tree', () => {
  test('has no violations', () => {
    expect(rulesBroken({})).toEqual([]);
  });
});

describe('tables of figures', () => {
  const sum = "export const sql = 'select sum(total_cost) from usage_events';";
  test('are read by the store of costs, and by no report', () => {
    expect(rulesBroken({ 'packages/server/src/costs/postgres/a.ts': sum })).toEqual([]);
    expect(rulesBroken({ 'packages/server/src/reports/read-sums.ts': sum })).toEqual(['figures']);
    expect(rulesBroken({ 'packages/server/src/costs/read-sums.ts': sum })).toEqual(['figures']);
  });
});

describe('sums', () => {
  const add = 'export const sql = `insert into rollups_day (requests) values (1)`;';
  const call = "import { addToRollups } from '../rollups/store.ts'; addToRollups();";
  const store = { 'packages/server/src/rollups/store.ts': 'export const addToRollups = () => 1;' };
  test('are written by the rollups, and by nobody beside them', () => {
    expect(rulesBroken({ 'packages/server/src/rollups/comparison-sql.ts': add })).toEqual([]);
    expect(rulesBroken({ 'packages/server/src/rollups/write-other.ts': add })).toEqual(['sums']);
    expect(rulesBroken({ 'packages/server/src/retention/write-other.ts': add })).toEqual(['sums']);
  });
  test('are added to from one place, and by nobody else', () => {
    expect(rulesBroken({ ...store, 'packages/server/src/record/apply-sums.ts': call })).toEqual([]);
    expect(rulesBroken({ ...store, 'packages/server/src/record/commit.ts': call })).toEqual(['sums']);
    expect(rulesBroken({ ...store, 'packages/server/src/rerating/batch.ts': call })).toEqual(['sums']);
  });
});

/** Files that the cases import. */
const TARGETS = {
  'packages/pricing/src/money/b.ts': 'export {};',
  'packages/pricing/src/rating/c.ts': 'export {};',
  'packages/server/src/record/b.ts': 'export {};',
  'packages/web/package.json': '{"name":"@farthing/web"}',
  'packages/web/src/api.ts': 'export {};',
  'packages/web/src/panel/b.tsx': 'export {};',
  'packages/web/src/overview/a.tsx': 'export {};',
  'packages/web/src/requests/c.tsx': 'export {};',
};

describe('imports against the table', () => {
  const cases: readonly [string, string, string, readonly Rule[]][] = [
    ['pricing may not use Node', 'packages/pricing/src/a.ts', "import 'node:fs';", ['import']],
    ['pricing may not use other packages', 'packages/pricing/src/a.ts', "import 'zod';", ['import']],
    [
      'pricing may not use other workspaces',
      'packages/pricing/src/a.ts',
      "import '@farthing/contract';",
      ['import'],
    ],
    ['contract may use zod', 'packages/contract/src/a.ts', "import 'zod';", []],
    ['contract may use pricing', 'packages/contract/src/a.ts', "import '@farthing/pricing';", []],
    ['contract may not use the client', 'packages/contract/src/a.ts', "import '@farthing/sdk';", ['import']],
    [
      'sdk may use types of pricing',
      'packages/sdk/src/a.ts',
      "import type { One } from '@farthing/pricing';",
      [],
    ],
    [
      'sdk may not use values of it',
      'packages/sdk/src/a.ts',
      "import { one } from '@farthing/pricing';",
      ['import'],
    ],
    [
      'an import of types and a value is a value',
      'packages/sdk/src/a.ts',
      "import { type One, one } from '@farthing/pricing';",
      ['import'],
    ],
    [
      'web may use types of the router',
      'packages/web/src/a.tsx',
      "import type { Router } from '@farthing/server/trpc';",
      [],
    ],
    [
      'web may not run it',
      'packages/web/src/a.tsx',
      "import { router } from '@farthing/server/trpc';",
      ['import'],
    ],
    [
      'a room of the web may import from its left',
      'packages/web/src/overview/a.tsx',
      "import '../panel/b.tsx';",
      [],
    ],
    ['but not from its right', 'packages/web/src/panel/b.tsx', "import '../overview/a.tsx';", ['import']],
    [
      'no page imports another',
      'packages/web/src/overview/a.tsx',
      "import('../requests/c.tsx');",
      ['import'],
    ],
    [
      'a room of pricing may import from its left',
      'packages/pricing/src/rating/a.ts',
      "import '../money/b.ts';",
      [],
    ],
    ['but not from its right', 'packages/pricing/src/money/b.ts', "import '../rating/c.ts';", ['import']],
    [
      'an unknown room of pricing has no place',
      'packages/pricing/src/misc/a.ts',
      "import '../money/b.ts';",
      ['import'],
    ],
    [
      'an unknown room of the web has no place',
      'packages/web/src/misc/a.ts',
      "import '../../packages/web/src/api.ts';",
      ['import'],
    ],
    ['server may use what it declares', 'packages/server/src/db/a.ts', "import 'pg';", []],
    ['server may not use what it does not', 'packages/server/src/db/a.ts', "import 'left-pad';", ['import']],
    [
      'a folder may import from its left',
      'packages/server/src/record/a.ts',
      "import '../ledger/store.ts';",
      [],
    ],
    [
      'a folder may not import from its right',
      'packages/server/src/db/a.ts',
      "import '../ledger/store.ts';",
      ['import'],
    ],
    ['nor by export', 'packages/server/src/db/a.ts', "export * from '../ledger/store.ts';", ['import']],
    [
      'nor by a named export',
      'packages/server/src/db/a.ts',
      "export { store } from '../ledger/store.ts';",
      ['import'],
    ],
    [
      'nor by a dynamic import',
      'packages/server/src/db/a.ts',
      "await import('../ledger/store.ts');",
      ['import'],
    ],
    [
      'nor by an import type',
      'packages/server/src/db/a.ts',
      "type S = import('../ledger/store.ts').Store;",
      ['import'],
    ],
    [
      'budgets may name a type of the ledger',
      'packages/server/src/budgets/a.ts',
      "import type { Store } from '../ledger/store.ts';",
      [],
    ],
    [
      'budgets may not call the ledger',
      'packages/server/src/budgets/a.ts',
      "import { store } from '../ledger/store.ts';",
      ['import'],
    ],
    [
      'a capability may not import the context',
      'packages/server/src/record/a.ts',
      "import '../../packages/server/src/context.ts';",
      ['import'],
    ],
    [
      'insights may not import the write path',
      'packages/server/src/insights/a.ts',
      "import '../record/b.ts';",
      ['import'],
    ],
    [
      'an unknown folder has no place',
      'packages/server/src/misc/a.ts',
      "import '../db/pool.ts';",
      ['import'],
    ],
    [
      'a workspace entry must be exported',
      'packages/cli/src/a.ts',
      "import '@farthing/server/src/db/pool.ts';",
      ['import'],
    ],
    [
      'a deep relative import is no way round',
      'packages/cli/src/a.ts',
      "import '../../server/src/db/pool.ts';",
      ['import'],
    ],
    [
      'tools may not import the product',
      'tools/a.ts',
      "import '../packages/server/src/db/pool.ts';",
      ['import'],
    ],
    [
      'the price compiler may import pricing',
      'tools/prices/a.ts',
      "import '../../packages/pricing/src/index.ts';",
      [],
    ],
    ['a test may import anything', 'packages/server/src/db/a.test.ts', "import '../ledger/store.ts';", []],
    [
      'an import in a string is no import',
      'packages/server/src/db/a.ts',
      'const s = "import \'../ledger/store.ts\'";',
      [],
    ],
    [
      'an import in a comment is no import',
      'packages/server/src/db/a.ts',
      "// import '../ledger/store.ts';",
      [],
    ],
  ];
  test.each(cases)('%s', (_name, path, text, expected) => {
    const targets = { ...TARGETS, [path]: text };
    expect(rulesBroken(targets)).toEqual(expected);
  });
});

describe('cycles', () => {
  test('a ring of three files is reported once, with its way round', () => {
    const violations = checkTree(
      treeOf({
        'packages/contract/src/a.ts': "import './b.ts';",
        'packages/contract/src/b.ts': "import type { C } from './c.ts';",
        'packages/contract/src/c.ts': "import './a.ts'; export type C = 1;",
      }),
      {},
    );
    expect(violations.map((v) => v.message)).toEqual([
      'import cycle: packages/contract/src/a.ts → packages/contract/src/b.ts → packages/contract/src/c.ts → packages/contract/src/a.ts',
    ]);
  });

  test('a file that imports itself is a ring', () => {
    expect(rulesBroken({ 'packages/contract/src/a.ts': "import './a.ts';" })).toEqual(['cycle']);
  });

  test('a diamond is none', () => {
    expect(
      rulesBroken({
        'packages/contract/src/a.ts': "import './b.ts'; import './c.ts';",
        'packages/contract/src/b.ts': "import './index.ts';",
        'packages/contract/src/c.ts': "import './index.ts';",
      }),
    ).toEqual([]);
  });
});

describe('the environment', () => {
  test.each([
    ['process.env', 'export const a = process.env.HOME;'],
    ['its bracket form', "export const a = process['env'];"],
    ['destructuring', 'const { env } = process;'],
    ['the module', "import { env } from 'node:process';"],
  ])('is read by env.ts alone: %s', (_name, text) => {
    expect(rulesBroken({ 'packages/server/src/db/a.ts': text })).toEqual(['environment']);
    expect(rulesBroken({ 'packages/server/src/env.ts': text })).toEqual([]);
  });

  test('is free to tests', () => {
    expect(rulesBroken({ 'packages/server/src/db/a.test.ts': 'process.env.HOME;' })).toEqual([]);
  });
});

describe('names and leftovers', () => {
  test.each(['utils.ts', 'shared/a.ts', 'common/a.ts', 'helpers.test.ts', 'Manager.ts', 'utils/deep/a.sql'])(
    '%s is refused',
    (path) => {
      expect(rulesBroken({ [`packages/pricing/src/${path}`]: '' })).toEqual(['name']);
    },
  );

  test('a name that only contains one is fine', () => {
    expect(rulesBroken({ 'packages/pricing/src/shared-prefix.ts': '' })).toEqual([]);
  });

  test.each(['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'])('%s is refused in code, SQL and documents', (marker) => {
    for (const path of [
      'packages/pricing/src/a.ts',
      'packages/server/src/db/a.sql',
      'docs/a.md',
      'LICENSE',
    ]) {
      expect(rulesBroken({ [path]: `// ${marker}: later` })).toEqual(['leftover']);
    }
  });

  test.each(['/ho' + 'me/someone/farthing', '/Us' + 'ers/someone/farthing', 'C:\\Us' + 'ers\\someone'])(
    'the machine path %s is refused',
    (path) => {
      expect(rulesBroken({ 'docs/a.md': `see ${path}` })).toEqual(['machine-path']);
    },
  );

  test('a URL with such a segment is fine', () => {
    expect(rulesBroken({ 'docs/a.md': 'https://example.org/ho' + 'me/page' })).toEqual([]);
  });
});

describe('tests that do not run', () => {
  test.each(['test.only', 'describe.only', 'it.concurrent.only'])('%s is refused', (call) => {
    expect(rulesBroken({ 'packages/pricing/src/a.test.ts': `${call}('x', () => {});` })).toEqual([
      'focused-test',
    ]);
  });

  test('a skip needs a reason beside it', () => {
    const skipped = "test.skip('x', () => {});";
    expect(rulesBroken({ 'packages/pricing/src/a.test.ts': skipped })).toEqual(['skipped-test']);
    expect(rulesBroken({ 'packages/pricing/src/a.test.ts': `// needs a second disk\n${skipped}` })).toEqual(
      [],
    );
  });
});
