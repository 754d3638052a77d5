/**
 * What documents say about this repository is true: every path and link leads somewhere, the order of rooms is that of
 * the rules, and every decision has a number and a line in the index.
 */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SERVER_PARTS } from './rules.ts';
import { readTree } from './tree.ts';

const tree = readTree(join(import.meta.dirname, '../..'));
const documents = tree.files.filter((path) => path.endsWith('.md'));
const folders = new Set(
  tree.files.flatMap((file) => file.split('/').map((_, at, parts) => parts.slice(0, at).join('/'))),
);
const isThere = (path: string) => folders.has(path.replace(/\/$/, '')) || tree.files.includes(path);

/** Documents that speak of folders and files of the source. */
const onSource = documents.filter(
  (path) => /^(CONTRIBUTING|docs\/ARCHITECTURE)\.md$|^docs\/decisions\//.test(path) || isReadme(path),
);
function isReadme(path: string): boolean {
  return /^(packages|prices|tests)\/.*README\.md$/.test(path);
}

/** Built by a machine, so not in a clone. */
const BUILT = ['packages/pricing/src/generated'];

/** Code in a text that looks like a file or a folder. Addresses, packages and `<placeholders>` do not. */
function pathsIn(text: string): string[] {
  const prose = text.replace(/^```.*?^```$/gms, '');
  const code = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, one = '']) => one);
  return code.filter(
    (one) => /^[a-z0-9][\w.-]*(\/[\w.-]+)*\/?$/i.test(one) && /\/|\.(ts|tsx|mjs|json|md|css)$/.test(one),
  );
}

/**
 * A path may be written from the root, from `packages/`, from a package or its source, and in a room's README from any
 * folder of the room. A name without a folder is that of any file.
 */
function isKnown(document: string, path: string): boolean {
  const room = document.split('/').slice(0, -1).join('/');
  const sources = [...folders].filter((folder) => /^packages\/[a-z]+(\/src)?$/.test(folder));
  const written = ['', 'packages', ...sources].map((base) => join(base, path));
  if (written.some((at) => isThere(at) || BUILT.some((built) => at.startsWith(built)))) return true;
  if (!path.includes('/') && tree.files.some((file) => file.endsWith(`/${path}`))) return true;
  if (!isReadme(document)) return false;
  const end = path.replace(/\/$/, '');
  const below = (known: string) => known.startsWith(`${room}/`) && known.endsWith(`/${end}`);
  return isThere(join(room, '..', path)) || tree.files.some(below) || [...folders].some(below);
}

describe('every path is there', () => {
  test.each(onSource)('that %s names', (document) => {
    expect(pathsIn(tree.read(document)).filter((path) => !isKnown(document, path))).toEqual([]);
  });
});

describe('every link leads to a file', () => {
  test.each(documents)('of %s', (document) => {
    const links = [...tree.read(document).matchAll(/\]\((?!\w+:|#)([^)#\s]+)/g)].map(([, to = '']) => to);
    expect(links.filter((to) => !isThere(join(document, '..', to)))).toEqual([]);
  });
});

describe('the order of rooms in docs/ARCHITECTURE.md', () => {
  const lines = /^```\n(ground .*?)^```$/ms.exec(tree.read('docs/ARCHITECTURE.md'))?.[1] ?? '';
  // A line is `name  rooms < rooms`; rooms of one step do not import each other.
  const steps = lines
    .trim()
    .split('\n')
    .flatMap((line) => line.replace(/^\w+/, '').split('<'));
  const step = new Map(
    steps.flatMap((rooms, at) =>
      rooms
        .trim()
        .split(/\s+/)
        .map((room) => [room, at] as const),
    ),
  );
  const rows = Object.entries(SERVER_PARTS).filter(([part]) => !part.endsWith('.ts'));

  test('has every room of the rules, once', () => {
    expect([...step.keys()].sort()).toEqual(rows.map(([part]) => part).sort());
    expect(steps.join(' ').trim().split(/\s+/)).toHaveLength(rows.length);
  });

  test('has what a room may import to its left', () => {
    const back = rows.flatMap(([part, { may, types = [] }]) =>
      [...may, ...types]
        .filter((other) => !other.endsWith('.ts') && (step.get(other) ?? 0) >= (step.get(part) ?? 0))
        .map((other) => `${part} imports ${other}`),
    );
    expect(back).toEqual([]);
  });

  test('says rightly that rooms that read import nothing of the write path', () => {
    const from = (line: string) => new RegExp(`^${line} +(.*)$`, 'm').exec(lines)?.[1]?.split(/[\s<]+/) ?? [];
    const write = from('write');
    const forbidden = write.slice(write.indexOf('record'));
    const read = rows.filter(([part]) => from('read').includes(part));
    expect(read.length).toBeGreaterThan(5);
    expect(read.filter(([, { may }]) => may.some((other) => forbidden.includes(other)))).toEqual([]);
  });
});

describe('decisions', () => {
  const files = tree.files.filter((path) => /^docs\/decisions\/\d/.test(path));
  const numbers = files.map((path) => path.split('/').at(-1)?.slice(0, 4) ?? '');

  test('are numbered from 0001 on, each number once', () => {
    expect(numbers).toEqual(files.map((_, at) => String(at + 1).padStart(4, '0')));
  });

  test.each(files)('%s begins with its number and title, and says what was decided', (path) => {
    expect(tree.read(path)).toMatch(new RegExp(`^# ${path.split('/').at(-1)?.slice(0, 4)} [A-Z]`));
    expect(tree.read(path)).toMatch(/^\*\*Decision\b/m);
  });

  test('have a line in the index, with their title', () => {
    const lines = files.map((path) => {
      const title = /^# \d+ (.*)$/m.exec(tree.read(path))?.[1];
      return `| [${path.split('/').at(-1)?.slice(0, 4)}](${path.split('/').at(-1)}) | ${title} |`;
    });
    const index = tree.read('docs/decisions/README.md').split('\n');
    expect(index.filter((line) => line.startsWith('| ['))).toEqual(lines);
  });
});
