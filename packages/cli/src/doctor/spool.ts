/** How much waits on disk for the database. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface SpoolSize {
  readonly files: number;
  readonly bytes: number;
}

/** The segments in `<dataDir>/spool`; nothing where there is no such folder. */
export async function measureSpool(dataDir: string): Promise<SpoolSize> {
  const folder = join(dataDir, 'spool');
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(
    names.map(async (name) => (await stat(join(folder, name)).catch(() => null))?.size ?? 0),
  );
  const filled = sizes.filter((size) => size > 0);
  return { files: filled.length, bytes: filled.reduce((sum, size) => sum + size, 0) };
}
