/** One source file as the checks see it: its imports and the few constructs the rules speak about, from a real parse. */
import { parseSync } from 'vite';
import { exportsOf, type FunctionSize, functionsOf, statementIn, unnamedError } from './constructs.ts';
import { isNode, lineFinder, type Node, nameOf, visit } from './syntax.ts';

export interface Import {
  readonly specifier: string;
  readonly line: number;
  /** Nothing of it exists at run time. */
  readonly typeOnly: boolean;
}

export interface SourceFile {
  /** Relative to the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  /** Lines that read `process.env`, or import `env` from `node:process`. */
  readonly environmentReads: readonly number[];
  /** Lines with `.only` on a test function. */
  readonly focusedTests: readonly number[];
  /** Names that it declares and exports; not those that it passes on. */
  readonly exports: readonly string[];
  /** Classes of errors whose name does not end in `Error`. */
  readonly unnamedErrors: readonly { readonly name: string; readonly line: number }[];
  /** Lines on which an SQL statement begins. */
  readonly statements: readonly number[];
  readonly functions: readonly FunctionSize[];
  /** Lines with a skipped test whose reason is neither in its call nor in a comment on or above that line. */
  readonly unexplainedSkips: readonly number[];
}

const TEST_FUNCTIONS = new Set(['test', 'it', 'describe', 'suite', 'bench']);

/** Parses one file. Refuses (throws) what is not valid TypeScript. */
export function readSource(path: string, text: string): SourceFile {
  const { program, comments, errors } = parseSync(path, text);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${path} does not parse: ${error.message}`);
  const lineOf = lineFinder(text);
  const commented = new Set(comments.flatMap((c) => [lineOf(c.end), lineOf(c.end) + 1]));
  const imports: Import[] = [];
  const environmentReads: number[] = [];
  const focusedTests: number[] = [];
  const unexplainedSkips: number[] = [];
  const statements: number[] = [];
  const unnamedErrors: { readonly name: string; readonly line: number }[] = [];

  visit(program, (node) => {
    const line = lineOf(node.start);
    const imported = importOf(node);
    if (imported !== null) imports.push({ ...imported, line });
    if (readsEnvironment(node)) environmentReads.push(line);
    const modifier = testModifier(node);
    if (modifier === 'only') focusedTests.push(line);
    if (statementIn(node)) statements.push(line);
    const unnamed = unnamedError(node);
    if (unnamed !== null) unnamedErrors.push({ name: unnamed, line });
    if (modifier === 'skip' && !commented.has(line)) unexplainedSkips.push(line);
  });
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  return {
    path,
    text,
    lines,
    imports,
    environmentReads,
    focusedTests,
    unexplainedSkips,
    exports: exportsOf(program),
    statements,
    unnamedErrors,
    functions: functionsOf(program, lineOf),
  };
}

function importOf(node: Node): Omit<Import, 'line'> | null {
  switch (node.type) {
    case 'ImportDeclaration':
      return literal(
        node['source'],
        node['importKind'] === 'type' || allTypes(node['specifiers'], 'importKind'),
      );
    case 'ExportNamedDeclaration':
      return literal(
        node['source'],
        node['exportKind'] === 'type' || allTypes(node['specifiers'], 'exportKind'),
      );
    case 'ExportAllDeclaration':
      return literal(node['source'], node['exportKind'] === 'type');
    case 'ImportExpression':
      return literal(node['source'], false);
    case 'TSImportType':
      return literal(node['source'], true);
    default:
      return null;
  }
}

/** `import { type A, type B }`: every name is a type (an import without names runs the module). */
function allTypes(specifiers: unknown, kind: string): boolean {
  return (
    Array.isArray(specifiers) && specifiers.length > 0 && specifiers.every((s: Node) => s[kind] === 'type')
  );
}

function literal(source: unknown, typeOnly: boolean): Omit<Import, 'line'> | null {
  if (!isNode(source) || typeof source['value'] !== 'string') return null;
  return { specifier: source['value'], typeOnly };
}

function readsEnvironment(node: Node): boolean {
  if (node.type === 'MemberExpression') {
    return nameOf(node['property']) === 'env' && nameOf(node['object']) === 'process';
  }
  if (node.type === 'VariableDeclarator') {
    // const { env } = process
    const pattern = node['id'];
    return nameOf(node['init']) === 'process' && isNode(pattern) && hasKey(pattern['properties'], 'env');
  }
  if (node.type === 'ImportSpecifier') return false;
  if (node.type !== 'ImportDeclaration' || !isNode(node['source'])) return false;
  const from = node['source']['value'];
  if (from !== 'node:process' && from !== 'process') return false;
  return (node['specifiers'] as readonly Node[]).some((s) => nameOf(s['imported']) === 'env');
}

function hasKey(properties: unknown, key: string): boolean {
  return Array.isArray(properties) && properties.some((p: Node) => nameOf(p['key']) === key);
}

/** `only` / `skip` of `test.only(…)`, `describe.skip(…)`, `it.concurrent.only(…)`; null otherwise. */
function testModifier(node: Node): 'only' | 'skip' | null {
  if (node.type !== 'MemberExpression') return null;
  const property = nameOf(node['property']);
  if (property !== 'only' && property !== 'skip') return null;
  let object: unknown = node['object'];
  while (isNode(object) && object.type === 'MemberExpression') object = object['object'];
  const root = nameOf(object);
  return root !== null && TEST_FUNCTIONS.has(root) ? property : null;
}
