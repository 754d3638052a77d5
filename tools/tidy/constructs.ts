/** What a file declares: exported names, functions with their length, SQL statements. */
import { isNode, type Node, nameOf, visit } from './syntax.ts';

export interface FunctionSize {
  /** Its own, or that of what it is assigned to. */
  readonly name: string;
  readonly line: number;
  readonly lines: number;
}

/** Names that a program declares and exports, each once; not those that it passes on from another file. */
export function exportsOf(program: unknown): readonly string[] {
  if (!isNode(program)) return [];
  const body = program['body'] as readonly Node[];
  const imported = new Set(
    body
      .filter(({ type }) => type === 'ImportDeclaration')
      .flatMap(({ specifiers }) => (specifiers as readonly Node[]).map((one) => nameOf(one['local']))),
  );
  const names = body
    .filter(({ type, source }) => type === 'ExportNamedDeclaration' && !isNode(source))
    .flatMap(({ declaration, specifiers }) => [
      ...declaredBy(declaration),
      ...(specifiers as readonly Node[])
        .filter((one) => !imported.has(nameOf(one['local'])))
        .map((one) => nameOf(one['exported'])),
    ]);
  return [...new Set(names.filter((name) => name !== null))];
}

function declaredBy(declaration: unknown): readonly (string | null)[] {
  if (!isNode(declaration)) return [];
  const several = declaration['declarations'];
  if (Array.isArray(several)) return several.map((one: Node) => nameOf(one['id']));
  return [nameOf(declaration['id'])];
}

/** The name of an error class if it does not end in `Error`; else null. */
export function unnamedError(node: Node): string | null {
  if (node.type !== 'ClassDeclaration' || !nameOf(node['superClass'])?.endsWith('Error')) return null;
  const name = nameOf(node['id']);
  return name?.endsWith('Error') === true ? null : name;
}

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

/** Every function of a program, the inner ones too. */
export function functionsOf(program: unknown, lineOf: (offset: number) => number): readonly FunctionSize[] {
  const found: FunctionSize[] = [];
  const names = new Map<unknown, string>();
  visit(program, (node) => {
    const named = nameOf(node['id']) ?? nameOf(node['key']);
    if (named !== null) for (const part of [node['init'], node['value']]) names.set(part, named);
    if (!FUNCTIONS.has(node.type)) return;
    const line = lineOf(node.start);
    const name = nameOf(node['id']) ?? names.get(node) ?? 'a function without a name';
    found.push({ name, line, lines: lineOf(node.end) - line + 1 });
  });
  return found;
}

/**
 * Lower case, as all of ours: a sentence begins with a capital. What only sets or asks settings of its transaction touches
 * no rows: it belongs to whoever conducts the transaction, not to a store.
 */
const STATEMENT =
  /^\s*(?:select\s(?!(?:set_config|current_setting)\()|insert into\s|update [\w$.]+ (?:as )?(?:\w+ )?set\s|delete from\s|with (?:recursive )?\w+ as \(|merge into\s|lock table\s|(?:create|alter|drop) (?:table|role|index|view|schema)\s)/;

/** Whether a text is an SQL statement. */
export function statementIn(node: Node): boolean {
  if (node.type === 'Literal') return typeof node['value'] === 'string' && STATEMENT.test(node['value']);
  if (node.type !== 'TemplateLiteral') return false;
  const quasis = node['quasis'] as readonly { readonly value: { readonly raw: string } }[];
  return STATEMENT.test(quasis.map(({ value }) => value.raw).join('$'));
}
