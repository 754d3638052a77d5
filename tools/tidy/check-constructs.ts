/** What single files may not do: read the environment, focus or skip tests, name tables of figures, hold SQL by any name. */
import { ENVIRONMENT_READERS, FIGURE_TABLES, NAMES_FIGURE_TABLES, SQL_FILE, SQL_FOLDERS } from './rules.ts';
import type { SourceFile } from './source-file.ts';
import { isTest } from './tree.ts';
import type { Violation } from './violation.ts';

const SERVER = 'packages/server/src/';

/** Reads of the environment, focused and unexplained skipped tests. */
export function checkConstructs(source: SourceFile): Violation[] {
  const { path } = source;
  const free = isTest(path) || ENVIRONMENT_READERS[path] !== undefined;
  return [
    ...(free ? [] : source.environmentReads).map((line) => ({
      rule: 'environment' as const,
      path,
      line,
      message: 'only env.ts reads process.env; take the value as an argument',
    })),
    ...source.focusedTests.map((line) => ({
      rule: 'focused-test' as const,
      path,
      line,
      message: 'a focused test hides all others',
    })),
    ...source.unexplainedSkips.map((line) => ({
      rule: 'skipped-test' as const,
      path,
      line,
      message: 'say in a comment on this or the previous line why it is skipped',
    })),
  ];
}

const FIGURES = new RegExp(`\\b(${FIGURE_TABLES.join('|')})\\b`);

/** Figures are read through one store: no other file names their tables, in statements or in text. */
export function checkFigures({ path, text }: SourceFile): Violation[] {
  if (!path.startsWith(SERVER) || isTest(path)) return [];
  const inside = path.slice(SERVER.length);
  if (Object.keys(NAMES_FIGURE_TABLES).some((place) => inside.startsWith(place))) return [];
  return text.split('\n').flatMap((line, at) => {
    const table = FIGURES.exec(line)?.[1];
    return table === undefined
      ? []
      : [
          {
            rule: 'figures' as const,
            path,
            line: at + 1,
            message: `ask the store of costs/ instead of ${table}`,
          },
        ];
  });
}

/** A class of errors ends in `Error`, so that what is thrown and caught is seen by its name. */
export function checkErrorNames({ path, unnamedErrors }: SourceFile): Violation[] {
  if (isTest(path)) return [];
  return unnamedErrors.map(({ name, line }) => ({
    rule: 'error-name',
    path,
    line,
    message: `${name} is an error: call it ${name}Error`,
    subject: name,
  }));
}

/** Statements stand where the file's name says so. */
export function checkSqlNames({ path, statements }: SourceFile): Violation[] {
  const [line] = statements;
  if (!path.startsWith(SERVER) || isTest(path) || line === undefined) return [];
  const inside = path.slice(SERVER.length);
  const name = inside.slice(inside.lastIndexOf('/') + 1);
  if (SQL_FILE.test(name) || SQL_FOLDERS.some((folder) => inside.startsWith(folder))) return [];
  return [
    {
      rule: 'sql-name',
      path,
      line,
      message:
        'SQL stands in <noun>-store.ts, <noun>-rows.ts, <noun>-sql.ts or <verb>-<noun>.ts: see CONTRIBUTING',
      subject: name,
    },
  ];
}
