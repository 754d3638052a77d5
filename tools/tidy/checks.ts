/** The checks: a tree in, violations out. Each names the file, the line and what to do. */
import { checkConstructs, checkErrorNames, checkFigures, checkSqlNames } from './check-constructs.ts';
import { checkDependencies } from './check-dependencies.ts';
import { checkExports } from './check-exports.ts';
import { checkArrowsBack, checkCycles, checkImports } from './check-imports.ts';
import { checkFolderSize, checkFunctionLength, checkLength, checkReadmes } from './check-size.ts';
import { checkSums } from './check-sums.ts';
import { checkNames, checkText } from './check-text.ts';
import { EXCEPTIONS } from './exceptions.ts';
import { type Exceptions, excuse } from './excuse.ts';
import { Workspaces } from './imports.ts';
import { readSource } from './source-file.ts';
import { isSource, type Tree } from './tree.ts';
import type { Violation } from './violation.ts';

/** Everything wrong with a tree, but for what the repository's own list of exceptions excuses. */
export function checkTree(tree: Tree, exceptions: Exceptions = EXCEPTIONS): Violation[] {
  const workspaces = new Workspaces(tree);
  const sources = tree.files.filter(isSource).map((path) => readSource(path, tree.read(path)));
  const found = [
    ...checkNames(tree),
    ...checkText(tree),
    ...sources.flatMap((source) => checkImports(source, workspaces)),
    ...checkCycles(sources, workspaces),
    ...checkArrowsBack(sources, workspaces),
    ...sources.flatMap(checkConstructs),
    ...sources.flatMap(checkFigures),
    ...sources.flatMap((source) => checkSums(source, workspaces)),
    ...sources.flatMap(checkErrorNames),
    ...sources.flatMap(checkSqlNames),
    ...checkLength(sources),
    ...sources.flatMap(checkFunctionLength),
    ...checkFolderSize(sources),
    ...checkReadmes(sources, tree),
    ...checkExports(sources),
    ...checkDependencies(tree),
  ];
  return excuse(found, exceptions);
}
