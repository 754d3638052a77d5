/** Every regular expression of the product's source, and texts that make a bad one take for ever. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';

export interface FoundRegex {
  readonly source: string;
  readonly flags: string;
  /** Where it stands, `packages/pricing/src/money.ts:12`. */
  readonly place: string;
}

const ROOT = join(import.meta.dirname, '../..');

/** The regular expressions written in these workspaces, tests left out; those made with `new RegExp` from a text too. */
export function regexesOf(workspaces: readonly string[]): FoundRegex[] {
  const found = new Map<string, FoundRegex>();
  for (const workspace of workspaces) {
    const folder = join(ROOT, 'packages', workspace, 'src');
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!/\.tsx?$/.test(file) || /\.(test|fixture)\.ts$/.test(file)) continue;
      for (const regex of regexesIn(join(folder, file))) found.set(`/${regex.source}/${regex.flags}`, regex);
    }
  }
  return [...found.values()];
}

function regexesIn(path: string): FoundRegex[] {
  const text = readFileSync(path, 'utf8');
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: FoundRegex[] = [];
  const add = (node: ts.Node, source: string, flags: string) => {
    const { line } = file.getLineAndCharacterOfPosition(node.getStart());
    found.push({ source, flags, place: `${relative(ROOT, path)}:${line + 1}` });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/');
      add(node, node.text.slice(1, end), node.text.slice(end + 1));
    } else if (ts.isNewExpression(node) && node.expression.getText() === 'RegExp') {
      const [source, flags] = node.arguments ?? [];
      if (source !== undefined && ts.isStringLiteralLike(source)) {
        add(node, source.text, flags !== undefined && ts.isStringLiteralLike(flags) ? flags.text : '');
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** What is repeated: the characters of the expression itself, and one of each usual kind. */
function pumpsFor(source: string): string[] {
  const own = [...source.replaceAll(/\\[a-zA-Z]|[\\()[\]{}|^$?*+]/g, ' ')];
  const words = source.match(/[a-zA-Z0-9_"]{2,}/g) ?? [];
  const pumps = new Set([
    ...own,
    ...words,
    'a',
    'A',
    '0',
    ' ',
    '\t',
    '\n',
    '\r\n',
    '-',
    '.',
    '/',
    '\\',
    '"',
    ',',
    '_',
    'é',
    '0a',
    '- ',
  ]);
  return [...pumps].filter((pump) => pump !== '');
}

/** Texts of about `length` characters that an expression with a bad repetition searches again and again. */
export function attacksOn({ source }: FoundRegex, length: number): string[] {
  const literals = (source.match(/(?:\\[^a-zA-Z0-9]|[a-zA-Z0-9_":/ -])+/g) ?? []).map((text) =>
    text.replaceAll('\\', ''),
  );
  const beginnings = ['', ...new Set(literals.slice(0, 3))];
  const attacks: string[] = [];
  for (const pump of pumpsFor(source)) {
    const run = pump.repeat(Math.ceil(length / pump.length));
    for (const beginning of beginnings) attacks.push(`${beginning}${run}\u0001`);
    attacks.push(run);
  }
  return attacks;
}
