/** A small repository that keeps every rule, for tests that add what breaks one. */
import { checkTree } from './checks.ts';
import type { Exceptions } from './excuse.ts';
import type { Tree } from './tree.ts';
import type { Rule } from './violation.ts';

const PACKAGES = {
  'packages/pricing/package.json': '{"name":"@farthing/pricing","exports":{".":"./src/index.ts"}}',
  'packages/pricing/src/index.ts': 'export const one = 1; export type One = 1;',
  'packages/contract/package.json': '{"name":"@farthing/contract","exports":{".":"./src/index.ts"}}',
  'packages/contract/src/index.ts': 'export const two = 2;',
  'packages/server/package.json':
    '{"name":"@farthing/server","exports":{".":"./src/index.ts","./trpc":"./src/trpc/router.ts"},"dependencies":{"pg":"1"}}',
  'packages/server/src/index.ts': 'export const three = 3;',
  'packages/server/src/trpc/router.ts': 'export type Router = 1; export const router = 1;',
  'packages/server/src/db/pool.ts': 'import "pg"; export const pool = 1; export type Pool = 1;',
  'packages/server/src/ledger/store.ts': 'export const store = 1; export type Store = 1;',
  'packages/server/src/context.ts': 'export const context = 1; export type Context = 1;',
};

/** The repository with these files added or replaced. */
export function treeOf(files: { readonly [path: string]: string }): Tree {
  const all: { readonly [path: string]: string } = { ...PACKAGES, ...files };
  return { files: Object.keys(all).sort(), read: (path) => all[path] ?? '' };
}

/** The rules that it breaks then, in the order of the checks. */
export function rulesBroken(files: { readonly [path: string]: string }, exceptions: Exceptions = {}): Rule[] {
  return checkTree(treeOf(files), exceptions).map((violation) => violation.rule);
}
