/** The checks: a tree in, violations out. Each names the file, the line and what to do. */
import { findCycles } from './cycles.ts';
import { type Target, Workspaces } from './imports.ts';
import {
  ENVIRONMENT_READERS,
  FIGURE_TABLES,
  FORBIDDEN_NAMES,
  LEFTOVER_MARKERS,
  LONG_FILES,
  MACHINE_PATH,
  MAX_LINES,
  NAMES_FIGURE_TABLES,
  OUTSIDE,
  SERVER_PARTS,
  SUM_CALLERS,
  SUM_TABLES,
  SUM_WRITERS,
  WORKSPACES,
} from './rules.ts';
import { type Import, readSource, type SourceFile } from './source-file.ts';
import { isSource, isTest, type Tree } from './tree.ts';

export type Rule =
  | 'import'
  | 'cycle'
  | 'environment'
  | 'figures'
  | 'sums'
  | 'name'
  | 'leftover'
  | 'focused-test'
  | 'skipped-test'
  | 'length'
  | 'machine-path';

const SERVER = 'packages/server/src/';

export interface Violation {
  readonly rule: Rule;
  readonly path: string;
  /** 0: the file as a whole. */
  readonly line: number;
  readonly message: string;
}

/** Rules a maintainer may relax for named files; the repository's own list is the default. */
export interface Exceptions {
  readonly longFiles: { readonly [path: string]: string };
}

/** Everything wrong with a tree, in the order of its files. */
export function checkTree(tree: Tree, exceptions: Exceptions = { longFiles: LONG_FILES }): Violation[] {
  const workspaces = new Workspaces(tree);
  const sources = tree.files.filter(isSource).map((path) => readSource(path, tree.read(path)));
  return [
    ...checkNames(tree),
    ...checkText(tree),
    ...sources.flatMap((source) => checkImports(source, workspaces)),
    ...checkCycles(sources, workspaces),
    ...sources.flatMap(checkConstructs),
    ...sources.flatMap(checkFigures),
    ...sources.flatMap((source) => checkSums(source, workspaces)),
    ...checkLength(sources, exceptions),
  ];
}

function checkImports(source: SourceFile, workspaces: Workspaces): Violation[] {
  return source.imports.flatMap((imported) => {
    const target = workspaces.resolve(source.path, imported.specifier);
    const message = isTest(source.path)
      ? target.kind === 'missing' && imported.specifier.startsWith('.')
        ? `there is no ${imported.specifier}`
        : null
      : refuseImport(source.path, imported, target, workspaces);
    return message === null
      ? []
      : [{ rule: 'import' as const, path: source.path, line: imported.line, message }];
  });
}

/** Why this import is against the table; null = allowed. */
function refuseImport(from: string, imported: Import, target: Target, workspaces: Workspaces): string | null {
  if (target.kind === 'missing') return `${imported.specifier} leads to no file or exported entry`;
  const workspace = /^packages\/([^/]+)\//.exec(from)?.[1];
  if (workspace === undefined) return refuseFromRoot(from, target);
  const rule = WORKSPACES[workspace];
  if (rule === undefined) return `packages/${workspace} has no row in the workspace table`;
  // Configuration files of a workspace (vite.config.ts) are tooling, not product.
  if (!from.startsWith(`packages/${workspace}/src/`)) return null;
  if (target.kind === 'node')
    return rule.node ? null : `packages/${workspace} must run without Node's modules`;
  if (target.kind === 'npm') {
    const allowed =
      rule.npm === 'declared' ? workspaces.declared(`packages/${workspace}`) : new Set(rule.npm);
    return allowed.has(target.name)
      ? null
      : `packages/${workspace} may not import the package ${target.name}`;
  }
  if (!target.path.startsWith(`packages/${workspace}/`)) return refuseWorkspace(workspace, imported);
  return workspace === 'server' ? refuseServerPart(from, target.path, imported) : null;
}

function refuseFromRoot(from: string, target: Target): string | null {
  if (target.kind !== 'file' || !target.path.startsWith('packages/')) return null;
  const allowed = Object.entries(OUTSIDE).find(([folder]) => from.startsWith(folder))?.[1] ?? [];
  if (allowed.some((folder) => target.path.startsWith(folder))) return null;
  return `${from.split('/')[0]} is outside the product and may not import ${target.path}`;
}

function refuseWorkspace(workspace: string, imported: Import): string | null {
  const extent = WORKSPACES[workspace]?.workspaces[imported.specifier];
  if (extent === undefined) return `${workspace} may not import ${imported.specifier}`;
  if (extent === 'types' && !imported.typeOnly)
    return `${workspace} may import only types from ${imported.specifier}`;
  return null;
}

function refuseServerPart(from: string, to: string, imported: Import): string | null {
  if (to === 'packages/server/package.json') return null;
  const [here, there] = [serverPart(from), serverPart(to)];
  if (here === there) return null;
  const rule = SERVER_PARTS[here];
  if (rule === undefined) return `server/src/${here} has no row in the server's order`;
  if (rule.may.includes(there)) return null;
  if (!rule.types?.includes(there)) return `${here} may not import ${there}: it is not to its left`;
  return imported.typeOnly ? null : `${here} may import only types from ${there}`;
}

/** `packages/server/src/record/commit.ts` → `record`; a root file → its name. */
function serverPart(path: string): string {
  return path.slice(SERVER.length).split('/')[0] ?? '';
}

/** Among product sources, type imports included: a ring of types is a ring of reasons to change. */
function checkCycles(sources: readonly SourceFile[], workspaces: Workspaces): Violation[] {
  const graph = new Map(
    sources
      .filter((source) => !isTest(source.path))
      .map((source) => {
        const targets = source.imports.map((i) => workspaces.resolve(source.path, i.specifier));
        return [source.path, targets.flatMap((t) => (t.kind === 'file' ? [t.path] : []))] as const;
      }),
  );
  return findCycles(graph).map((ring) => ({
    rule: 'cycle',
    path: ring[0] ?? '',
    line: 0,
    message: `import cycle: ${[...ring, ring[0]].join(' → ')}`,
  }));
}

function checkConstructs(source: SourceFile): Violation[] {
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

/** Figures are read through one store: nobody else names their tables, in statements or in words. */
function checkFigures({ path, text }: SourceFile): Violation[] {
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

const CHANGES_A_SUM = new RegExp(
  `(insert\\s+into|update|delete\\s+from|merge\\s+into)\\s+(only\\s+)?(${SUM_TABLES.join('|')}|\\$\\{table\\})`,
  'i',
);
const NAMES_A_SUM = new RegExp(`\\b(${SUM_TABLES.join('|')})\\b`);

/** Sums change in one place: who writes them, and who calls that, is written in the rules. */
function checkSums(source: SourceFile, workspaces: Workspaces): Violation[] {
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

function checkNames(tree: Tree): Violation[] {
  return tree.files.flatMap((path) => {
    const bad = path
      .split('/')
      .find((part) => FORBIDDEN_NAMES.includes(part.replace(/\..*$/, '').toLowerCase()));
    const message = `"${bad}" has no reason to refuse anything: name it after what it holds`;
    return bad === undefined ? [] : [{ rule: 'name' as const, path, line: 0, message }];
  });
}

const TEXT_FILE = /\.(ts|tsx|mts|mjs|js|sql|json|md|css|html|yml|yaml|sh|example)$|(^|\/)[^.]+$/;
const MARKER = new RegExp(`\\b(${LEFTOVER_MARKERS.join('|')})\\b`);

function checkText(tree: Tree): Violation[] {
  const readable = tree.files.filter((path) => TEXT_FILE.test(path) && path !== 'package-lock.json');
  return readable.flatMap((path) =>
    tree
      .read(path)
      .split('\n')
      .flatMap((text, at) => textViolations(path, at + 1, text)),
  );
}

function textViolations(path: string, line: number, text: string): Violation[] {
  const found: Violation[] = [];
  const marker = MARKER.exec(text)?.[1];
  if (marker !== undefined) {
    found.push({
      rule: 'leftover',
      path,
      line,
      message: `${marker}: finish it, or write it down as an issue`,
    });
  }
  const machine = MACHINE_PATH.exec(text)?.[0];
  if (machine !== undefined) {
    found.push({ rule: 'machine-path', path, line, message: `${machine} is a path of one machine` });
  }
  return found;
}

function checkLength(sources: readonly SourceFile[], { longFiles }: Exceptions): Violation[] {
  const lines = new Map(sources.map((source) => [source.path, source.lines]));
  const tooLong = sources
    .filter((source) => source.lines > MAX_LINES && longFiles[source.path] === undefined)
    .map(
      ({ path, lines: count }) =>
        `${count} lines, more than ${MAX_LINES}: cut ${path} by what changes together`,
    );
  const stale = Object.keys(longFiles)
    .filter((path) => (lines.get(path) ?? 0) <= MAX_LINES)
    .map((path) => `${path} is on the list of long files but is short or gone: take it off`);
  return [...tooLong, ...stale].map((message) => {
    const path = /\S+\.(ts|tsx|mts|mjs|js)\b/.exec(message)?.[0] ?? '';
    return { rule: 'length', path, line: 0, message };
  });
}
