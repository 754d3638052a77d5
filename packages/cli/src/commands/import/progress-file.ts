/** How far an interrupted import got, kept in the data folder, so that the same command goes on from there. */
import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Position, START } from '../../console/read-lines.ts';

interface Saved extends Position {
  /** Another file under the same name begins anew. */
  readonly identity: string;
}

export interface ProgressFile {
  /** Where to begin. */
  readonly position: Position;
  save(position: Position): Promise<void>;
  /** The whole file was sent: a later import reads it all again, and finds duplicates. */
  finish(): Promise<void>;
}

/**
 * The progress of one file into one target (server and defaults). Standard input has none: it cannot be read twice.
 * A file that was replaced or rewritten since begins anew; one that only grew goes on.
 */
export async function openProgress(dataDir: string, path: string, target: string): Promise<ProgressFile> {
  if (path === '-') return { position: START, save: async () => {}, finish: async () => {} };
  const folder = join(dataDir, 'imports');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const key = createHash('sha256')
    .update(`${resolve(path)}\n${target}`)
    .digest('hex')
    .slice(0, 32);
  const file = join(folder, `${key}.json`);
  const saved = await readSaved(file);
  const goesOn = saved !== null && saved.identity === (await identify(path, saved.offset));
  return {
    position: goesOn ? { offset: saved.offset, line: saved.line } : START,
    save: async (position) => {
      const next: Saved = { ...position, identity: await identify(path, position.offset) };
      await writeFile(`${file}.draft`, JSON.stringify(next), { mode: 0o600 });
      await rename(`${file}.draft`, file);
    },
    finish: () => rm(file, { force: true }),
  };
}

const START_BYTES = 4096;

/** Device, inode and a hash of the file's start, as far as it was read. */
async function identify(path: string, offset: number): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { dev, ino } = await file.stat();
    const length = Math.min(START_BYTES, offset);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
    return `${dev}:${ino}:${createHash('sha256').update(buffer.subarray(0, bytesRead)).digest('hex')}`;
  } finally {
    await file.close();
  }
}

async function readSaved(file: string): Promise<Saved | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    const { offset, line, identity } = JSON.parse(text) as Partial<Saved>;
    if (typeof offset !== 'number' || typeof line !== 'number' || typeof identity !== 'string') return null;
    return { offset, line, identity };
  } catch {
    return null;
  }
}
