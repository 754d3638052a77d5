/** Imports against the tables of `order.ts`, rings of files, and arrows back between the rooms of a folder. */
import { posix } from 'node:path';
import { findCycles } from './cycles.ts';
import type { Target, Workspaces } from './imports.ts';
import { OUTSIDE, type PartRule, PRICING_ROOMS, SERVER_PARTS, WEB_ROOMS, WORKSPACES } from './order.ts';
import type { Import, SourceFile } from './source-file.ts';
import { isTest } from './tree.ts';
import type { Violation } from './violation.ts';

/** Imports that the tables do not allow, or that lead nowhere. */
export function checkImports(source: SourceFile, workspaces: Workspaces): Violation[] {
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
  const parts = PARTS[workspace];
  return parts === undefined ? null : refusePart(workspace, parts, from, target.path, imported);
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

/** Workspaces whose parts have an order of their own. */
const PARTS: { readonly [workspace: string]: { readonly [part: string]: PartRule } } = {
  pricing: PRICING_ROOMS,
  server: SERVER_PARTS,
  web: WEB_ROOMS,
};

function refusePart(
  workspace: string,
  parts: { readonly [part: string]: PartRule },
  from: string,
  to: string,
  imported: Import,
): string | null {
  if (to === `packages/${workspace}/package.json`) return null;
  const [here, there] = [partOf(from), partOf(to)];
  if (here === there) return null;
  const rule = parts[here];
  if (rule === undefined) return `${workspace}/src/${here} has no row in the ${workspace}'s order`;
  if (rule.may.includes(there)) return null;
  if (!rule.types?.includes(there)) return `${here} may not import ${there}: it is not to its left`;
  return imported.typeOnly ? null : `${here} may import only types from ${there}`;
}

/** `packages/server/src/record/commit.ts` → `record`; a root file → its name. */
function partOf(path: string): string {
  return path.replace(/^packages\/[^/]+\/src\//, '').split('/')[0] ?? '';
}

/** Among product sources, type imports included: a ring of types is a ring of reasons to change. */
export function checkCycles(sources: readonly SourceFile[], workspaces: Workspaces): Violation[] {
  return findCycles(graphOf(sources, workspaces)).map((ring) => ({
    rule: 'cycle',
    path: ring[0] ?? '',
    line: 0,
    message: `import cycle: ${[...ring, ring[0]].join(' → ')}`,
  }));
}

/** Product files, and the files that each imports. */
function graphOf(
  sources: readonly SourceFile[],
  workspaces: Workspaces,
): ReadonlyMap<string, readonly string[]> {
  return new Map(
    sources
      .filter((source) => !isTest(source.path))
      .map((source) => {
        const targets = source.imports.map((i) => workspaces.resolve(source.path, i.specifier));
        return [source.path, targets.flatMap((t) => (t.kind === 'file' ? [t.path] : []))] as const;
      }),
  );
}

/**
 * Among the folders inside one folder, imports go one way, type imports included: two rooms that know each other are one
 * room with two doors.
 */
export function checkArrowsBack(sources: readonly SourceFile[], workspaces: Workspaces): Violation[] {
  const rooms = new Map<string, Map<string, Set<string>>>();
  for (const [from, targets] of graphOf(sources, workspaces)) {
    for (const to of targets) {
      const parting = partingOf(from, to);
      if (parting === null) continue;
      const siblings = rooms.get(parting.folder) ?? new Map<string, Set<string>>();
      rooms.set(parting.folder, siblings);
      siblings.set(parting.from, (siblings.get(parting.from) ?? new Set()).add(parting.to));
      if (!siblings.has(parting.to)) siblings.set(parting.to, new Set());
    }
  }
  return [...rooms].flatMap(([folder, siblings]) =>
    findCycles(new Map([...siblings].map(([name, known]) => [name, [...known]]))).map((ring) => ({
      rule: 'arrow-back' as const,
      path: folder,
      line: 0,
      message: `its folders import each other: ${[...ring, ring[0]].join(' → ')}`,
      subject: `${folder}: ${[...ring].sort().join(', ')}`,
    })),
  );
}

/** The folder in which two files part, and the folders inside it that hold them; null where one lies in it directly. */
function partingOf(from: string, to: string) {
  const [a, b] = [posix.dirname(from).split('/'), posix.dirname(to).split('/')];
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) at += 1;
  const [one, other] = [a[at], b[at]];
  // Workspaces have a table of their own.
  if (at < 3 || one === undefined || other === undefined) return null;
  return { folder: a.slice(0, at).join('/'), from: one, to: other };
}
