/** Where an import leads: into a file of the tree, to npm, or to Node. */
import { posix } from 'node:path';
import type { Tree } from './tree.ts';

export type Target =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'npm'; readonly name: string }
  | { readonly kind: 'node'; readonly name: string }
  /** A path that is not in the tree, or a workspace entry that its package.json does not export. */
  | { readonly kind: 'missing'; readonly specifier: string };

interface PackageJson {
  readonly name?: string;
  readonly exports?: { readonly [entry: string]: string };
  readonly dependencies?: { readonly [name: string]: string };
  readonly devDependencies?: { readonly [name: string]: string };
  readonly optionalDependencies?: { readonly [name: string]: string };
}

/** Workspaces by package name, with their entries. */
export class Workspaces {
  readonly #tree: Tree;
  readonly #files: ReadonlySet<string>;
  readonly #byName = new Map<string, { folder: string; json: PackageJson }>();

  constructor(tree: Tree) {
    this.#tree = tree;
    this.#files = new Set(tree.files);
    for (const path of tree.files) {
      const folder = /^(packages\/[^/]+)\/package\.json$/.exec(path)?.[1];
      if (folder === undefined) continue;
      const json: PackageJson = JSON.parse(tree.read(path));
      if (json.name !== undefined) this.#byName.set(json.name, { folder, json });
    }
  }

  /** npm packages a workspace folder (`packages/server`) declares. */
  declared(folder: string): ReadonlySet<string> {
    const path = `${folder}/package.json`;
    if (!this.#files.has(path)) return new Set();
    const json: PackageJson = JSON.parse(this.#tree.read(path));
    return new Set(
      [json.dependencies, json.devDependencies, json.optionalDependencies].flatMap((d) =>
        Object.keys(d ?? {}),
      ),
    );
  }

  resolve(from: string, specifier: string): Target {
    if (specifier.startsWith('.')) return this.#file(posix.join(posix.dirname(from), specifier), specifier);
    if (specifier.startsWith('node:')) return { kind: 'node', name: specifier };
    const name = packageName(specifier);
    const workspace = this.#byName.get(name);
    if (workspace === undefined) return { kind: 'npm', name };
    const entry = workspace.json.exports?.[`.${specifier.slice(name.length)}`];
    if (entry === undefined) return { kind: 'missing', specifier };
    // An entry that is built later (generated code is not read) still leads into the workspace.
    return { kind: 'file', path: posix.join(workspace.folder, entry) };
  }

  #file(path: string, specifier: string): Target {
    const bare = path.replace(/[?#].*$/, '');
    if (this.#files.has(bare) || bare.includes('/generated/')) return { kind: 'file', path: bare };
    return { kind: 'missing', specifier };
  }
}

/** `@scope/name/deep` → `@scope/name`. */
function packageName(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}
