/** Which user the embedded PostgreSQL runs as: it refuses to run as root. */
import { chown, stat } from 'node:fs/promises';

/** A user and group to drop to; null: stay who we are. */
export type OsUser = { readonly uid: number; readonly gid: number } | null;

const NOBODY = 65534;

/**
 * As root: the owner of the data folder when that is an ordinary user, else `nobody` (65534). Otherwise null.
 * A cluster that exists keeps its owner.
 */
export async function chooseIdentity(dataDir: string, clusterDir: string): Promise<OsUser> {
  if (process.getuid?.() !== 0) return null;
  for (const folder of [clusterDir, dataDir]) {
    const found = await stat(folder).catch(() => null);
    if (found !== null && found.uid !== 0) return { uid: found.uid, gid: found.gid };
  }
  return { uid: NOBODY, gid: NOBODY };
}

/** Hands a file or folder of our own to the database user. */
export async function giveTo(identity: OsUser, file: string): Promise<void> {
  if (identity !== null) await chown(file, identity.uid, identity.gid);
}
