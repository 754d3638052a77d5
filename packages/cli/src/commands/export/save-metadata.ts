/** Keeps the metadata of a FOCUS file beside it. */
import { rename, stat, writeFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { readJson } from './save-file.ts';

/**
 * Writes the server's metadata of its FOCUS files. If the file itself was written, it adds the file's name: FOCUS
 * requires that reference between a file and its schema.
 */
export async function saveMetadata(
  from: { readonly url: string; readonly key: string },
  path: string,
  file: string | undefined,
): Promise<void> {
  const metadata = await readJson(from);
  const location =
    file === undefined
      ? {}
      : {
          data_location: [{ filepath: relative(dirname(path), file), total_bytes: (await stat(file)).size }],
        };
  await writeFile(`${path}.part`, `${JSON.stringify({ ...metadata, ...location }, null, 2)}\n`);
  await rename(`${path}.part`, path);
}
