/** The files of the repository that the checks read. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { IGNORED_FOLDERS } from './rules.ts';

/** What the checks need to know of a tree; tests hand in a small made-up one. */
export interface Tree {
  /** Every file, relative to the root, with forward slashes, sorted. */
  readonly files: readonly string[];
  read(path: string): string;
}

/** The tree below a folder, without what a machine or npm made. */
export function readTree(root: string): Tree {
  const ignored = new Set(IGNORED_FOLDERS);
  const files = readdirSync(root, { recursive: false, withFileTypes: true })
    .flatMap(function walk(entry): string[] {
      const path = join(entry.parentPath, entry.name);
      if (entry.isDirectory()) {
        return ignored.has(entry.name) ? [] : readdirSync(path, { withFileTypes: true }).flatMap(walk);
      }
      return entry.isFile() ? [relative(root, path).split(sep).join('/')] : [];
    })
    .sort();
  return { files, read: (path) => readFileSync(join(root, path), 'utf8') };
}

/** Program text, which is parsed; everything else is only looked at as text. */
export function isSource(path: string): boolean {
  return /\.(ts|tsx|mts|mjs|js)$/.test(path) && !path.endsWith('.d.ts');
}

/** Tests and what only tests and measurements use: exempt from the import table. */
export function isTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path) || /^(tests|bench)\//.test(path) || path === 'vitest.config.ts';
}
