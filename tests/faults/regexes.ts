/** Every regular expression of the product's source, and texts that make a bad one take forever. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseSync } from 'vite';

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
  const found: FoundRegex[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const regex = patternOf(node);
    if (regex !== null) {
      const line = text.slice(0, regex.start).split('\n').length;
      found.push({ source: regex.source, flags: regex.flags, place: `${relative(ROOT, path)}:${line}` });
    }
    for (const child of Object.values(node)) visit(child);
  };
  visit(parseSync(path, text).program);
  return found;
}

interface Pattern {
  readonly source: string;
  readonly flags: string;
  readonly start: number;
}

/** The pattern of a literal, or of `new RegExp('…', '…')`. */
function patternOf(node: object): Pattern | null {
  const { type, regex, start, callee } = node as { readonly [key: string]: unknown };
  if (type === 'Literal' && typeof regex === 'object' && regex !== null) {
    const { pattern, flags } = regex as { readonly pattern: string; readonly flags: string };
    return { source: pattern, flags, start: Number(start) };
  }
  const called = callee as { readonly name?: string } | undefined;
  if (type !== 'NewExpression' || called?.name !== 'RegExp') return null;
  const [source, flags] = (node as { readonly arguments: readonly { readonly value?: unknown }[] }).arguments;
  if (typeof source?.value !== 'string') return null;
  return {
    source: source.value,
    flags: typeof flags?.value === 'string' ? flags.value : '',
    start: Number(start),
  };
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
