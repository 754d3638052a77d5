/** Limits on size: lines of a file and of a function, files of a folder, a README for a room. */
import { posix } from 'node:path';
import { MAX_FILES, MAX_FUNCTION_LINES, MAX_LINES, MAX_TEST_LINES, README_ABOVE } from './rules.ts';
import type { SourceFile } from './source-file.ts';
import { isTest, type Tree } from './tree.ts';
import type { Violation } from './violation.ts';

/** Files over {@link MAX_LINES}, or over {@link MAX_TEST_LINES} where they test. */
export function checkLength(sources: readonly SourceFile[]): Violation[] {
  return sources
    .filter(({ path, lines }) => lines > mostLines(path))
    .map(({ path, lines }) => ({
      rule: 'length',
      path,
      line: 0,
      message: `${lines} lines, more than ${mostLines(path)}: cut it by what changes together`,
      subject: posix.basename(path),
    }));
}

const mostLines = (path: string): number => (isTest(path) ? MAX_TEST_LINES : MAX_LINES);

/** Functions over {@link MAX_FUNCTION_LINES}; a test's body may be as long as its file. */
export function checkFunctionLength({ path, functions }: SourceFile): Violation[] {
  if (isTest(path)) return [];
  return functions
    .filter(({ lines }) => lines > MAX_FUNCTION_LINES)
    .map(({ name, line, lines }) => ({
      rule: 'function-length',
      path,
      line,
      message: `${name} has ${lines} lines, more than ${MAX_FUNCTION_LINES}: take out what has a name of its own`,
      subject: `${posix.basename(path)} ${name}`,
    }));
}

/** Folders of the product with more than {@link MAX_FILES} files directly in them, tests not counted. */
export function checkFolderSize(sources: readonly SourceFile[]): Violation[] {
  const files = new Map<string, number>();
  for (const { path } of sources.filter(isProduct)) {
    const folder = posix.dirname(path);
    files.set(folder, (files.get(folder) ?? 0) + 1);
  }
  return [...files]
    .filter(([, count]) => count > MAX_FILES)
    .map(([folder, count]) => ({
      rule: 'folder-size',
      path: folder,
      line: 0,
      message: `${count} source files, more than ${MAX_FILES}: cut it into folders by subject`,
      subject: folder,
    }));
}

/** Rooms (the folders of a workspace's `src`) with more than {@link README_ABOVE} files and no README. */
export function checkReadmes(sources: readonly SourceFile[], tree: Tree): Violation[] {
  const files = new Map<string, number>();
  for (const { path } of sources.filter(isProduct)) {
    const room = /^packages\/[^/]+\/src\/[^/]+(?=\/)/.exec(path)?.[0];
    if (room !== undefined) files.set(room, (files.get(room) ?? 0) + 1);
  }
  return [...files]
    .filter(([room, count]) => count > README_ABOVE && !tree.files.includes(`${room}/README.md`))
    .map(([room, count]) => ({
      rule: 'readme',
      path: room,
      line: 0,
      message: `${count} files and no README.md: say what always holds, and which file does what`,
      subject: room,
    }));
}

const isProduct = ({ path }: SourceFile): boolean => /^packages\/[^/]+\/src\//.test(path) && !isTest(path);
