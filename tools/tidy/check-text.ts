/** What no file may hold, whatever its language. */
import { FORBIDDEN_NAMES, LEFTOVER_MARKERS, MACHINE_PATH } from './rules.ts';
import type { Tree } from './tree.ts';
import type { Violation } from './violation.ts';

/** Names that have no reason to refuse anything. */
export function checkNames(tree: Tree): Violation[] {
  return tree.files.flatMap((path) => {
    const bad = path
      .split('/')
      .find((part) => FORBIDDEN_NAMES.includes(part.replace(/\..*$/, '').toLowerCase()));
    const message = `"${bad}" has no reason to refuse anything: name it after what it holds`;
    return bad === undefined ? [] : [{ rule: 'name' as const, path, line: 0, message }];
  });
}

const TEXT_FILE = /\.(ts|tsx|mts|mjs|js|sql|json|md|css|html|yml|yaml|sh|example)$|(^|\/)[^.]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/;
const MARKER = new RegExp(`\\b(${LEFTOVER_MARKERS.join('|')})\\b`);

/** Markers of unfinished work, paths of one machine, control characters. */
export function checkText(tree: Tree): Violation[] {
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
  // A tool that meets one takes the whole file for binary.
  if (CONTROL.test(text)) {
    found.push({
      rule: 'control-character',
      path,
      line,
      message: 'a control character stands in the text: write it as an escape',
    });
  }
  return found;
}
