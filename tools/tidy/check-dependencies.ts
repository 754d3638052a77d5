/** What a package.json asks for is used: imported, or named by a file of its workspace. */
import { posix } from 'node:path';
import type { Tree } from './tree.ts';
import type { Violation } from './violation.ts';

interface Dependencies {
  readonly dependencies?: { readonly [name: string]: string };
  readonly devDependencies?: { readonly [name: string]: string };
  readonly optionalDependencies?: { readonly [name: string]: string };
}

/** Files that may use a package: program text, styles, and what configures a tool. */
const USES = /\.(ts|tsx|mts|mjs|js|css|html)$|(^|\/)(biome|tsconfig)\.json$/;

/** Dependencies that nothing in their workspace names; those of the root may be used by anything. */
export function checkDependencies(tree: Tree): Violation[] {
  const manifests = tree.files.filter((path) => /^(packages\/[^/]+\/)?package\.json$/.test(path));
  return manifests.flatMap((path) => {
    const folder = path === 'package.json' ? '' : `${posix.dirname(path)}/`;
    const json: Dependencies = JSON.parse(tree.read(path));
    const text = tree.files
      .filter((file) => file.startsWith(folder) && USES.test(file))
      .map((file) => tree.read(file))
      .join('\n');
    return [json.dependencies, json.devDependencies, json.optionalDependencies]
      .flatMap((some) => Object.keys(some ?? {}))
      .filter((name) => !isNamed(name, text))
      .map((name) => ({
        rule: 'dependency' as const,
        path,
        line: 0,
        message: `nothing uses ${name}: take it out with npm uninstall`,
        subject: `${path} ${name}`,
      }));
  });
}

function isNamed(name: string, text: string): boolean {
  // Types of a package that is used; those of Node are used wherever one of its modules is.
  const typed = /^@types\/(.*)$/.exec(name)?.[1];
  if (typed === 'node') return text.includes("'node:");
  if (typed !== undefined) return isNamed(typed, text);
  const quoted = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?:node_modules/|(?<![\\w./@-]))${quoted}(?![\\w-])`).test(text);
}
