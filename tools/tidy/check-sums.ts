/** Sums change in one place: who writes them, and who calls that, is written in the rules. */
import type { Workspaces } from './imports.ts';
import { SUM_CALLERS, SUM_TABLES, SUM_WRITERS } from './rules.ts';
import type { SourceFile } from './source-file.ts';
import { isTest } from './tree.ts';
import type { Violation } from './violation.ts';

const SERVER = 'packages/server/src/';
const CHANGES_A_SUM = new RegExp(
  `(insert\\s+into|update|delete\\s+from|merge\\s+into)\\s+(only\\s+)?(${SUM_TABLES.join('|')}|\\$\\{table\\})`,
  'i',
);
const NAMES_A_SUM = new RegExp(`\\b(${SUM_TABLES.join('|')})\\b`);

/** Statements that change sums, and imports of what does, outside the files that the rules name. */
export function checkSums(source: SourceFile, workspaces: Workspaces): Violation[] {
  const { path, text, imports } = source;
  if (!path.startsWith(SERVER) || isTest(path)) return [];
  const inside = path.slice(SERVER.length);
  const violation = (line: number, message: string): Violation => ({ rule: 'sums', path, line, message });
  const writes =
    SUM_WRITERS[inside] !== undefined || !NAMES_A_SUM.test(text)
      ? []
      : text
          .split('\n')
          .flatMap((line, at) =>
            CHANGES_A_SUM.test(line) ? [violation(at + 1, 'sums change through record/apply-sums.ts')] : [],
          );
  const calls = imports.flatMap(({ specifier, typeOnly, line }) => {
    const target = workspaces.resolve(path, specifier);
    if (typeOnly || target.kind !== 'file' || !target.path.startsWith(SERVER)) return [];
    const callers = SUM_CALLERS[target.path.slice(SERVER.length)];
    if (callers === undefined || callers.includes(inside)) return [];
    return [violation(line, `only ${callers.join(', ')} may use ${target.path}: hand it what changed`)];
  });
  return [...writes, ...calls];
}
