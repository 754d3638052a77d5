/** Binaries that the database user can reach. */
import { cp, lstat, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Log } from '../log.ts';
import type { OsUser } from './identity.ts';

/**
 * PostgreSQL resolves the absolute path of its own program, so an unprivileged database user cannot run it from
 * below a private folder. For such a checkout the programs (never the data) are copied once to a public place.
 */
export async function reachableBinaries(
  native: string,
  options: { readonly identity: OsUser; readonly version: string; readonly log: Log },
): Promise<string> {
  const { identity, version, log } = options;
  if (identity === null || (await canReach(identity, path.join(native, 'bin')))) return native;
  const name = `farthing-postgres-${version}`;
  for (const place of new Set(['/var/tmp', os.tmpdir(), '/tmp'])) {
    if (!(await canReach(identity, place))) continue;
    const copy = path.join(place, name);
    if (await isOurCopy(copy, native)) return copy;
    log.info({ from: native, to: copy }, 'Copying the PostgreSQL programs to where its user can reach them');
    return copyPrograms(native, copy);
  }
  throw new Error(
    `PostgreSQL cannot run as root, and user ${identity.uid} cannot reach its programs in ${native}. ` +
      'Start Farthing as an ordinary user, or make the folders above it searchable (chmod o+x).',
  );
}

/** True when every folder down to `folder` may be searched by the user. */
async function canReach(identity: NonNullable<OsUser>, folder: string): Promise<boolean> {
  for (let current = path.resolve(folder); ; current = path.dirname(current)) {
    const found = await stat(current).catch(() => null);
    if (found === null) return false;
    const needed = found.uid === identity.uid ? 0o100 : found.gid === identity.gid ? 0o010 : 0o001;
    if ((found.mode & needed) === 0) return false;
    if (current === path.dirname(current)) return true;
  }
}

/** A folder of that name that belongs to another user, or that a clean-up job has partly deleted, is not used. */
async function isOurCopy(copy: string, native: string): Promise<boolean> {
  const found = await lstat(copy).catch(() => null);
  if (found === null || !found.isDirectory() || found.uid !== process.getuid?.()) return false;
  if ((found.mode & 0o022) !== 0) return false;
  const [have, want] = await Promise.all([programFiles(copy), programFiles(native)]);
  return want.every((file, index) => have[index] === file);
}

async function programFiles(folder: string): Promise<string[]> {
  const files = await readdir(folder, { recursive: true });
  return files.filter(isNeeded).sort();
}

function isNeeded(file: string): boolean {
  return !file.endsWith('.a') && !file.includes('pkgconfig');
}

async function copyPrograms(native: string, copy: string): Promise<string> {
  const temporary = await mkdtemp(`${copy}.`);
  const content = path.join(temporary, 'native');
  await cp(native, content, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => isNeeded(path.relative(native, source)),
  });
  await rm(copy, { recursive: true, force: true });
  await rename(content, copy).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error; // another process was faster
  });
  await rm(temporary, { recursive: true, force: true });
  if (!(await isOurCopy(copy, native))) throw new Error(`${copy} belongs to somebody else; remove it.`);
  return copy;
}
