/**
 * The file operations of the spool. All its disk access goes through here, so that it is described in one place, and
 * tests can substitute a failing disk.
 */
import { constants, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { errorCode, NothingWrittenError } from './disk-errors.ts';

/** A file open for writing. Every method rejects with the system's error (`code`: `ENOSPC`, `EIO`, …). */
export interface OpenFile {
  /** Writes from `position` on and answers how many bytes were taken: on a disk that fills these are fewer than given. */
  write(data: Buffer, position: number): Promise<number>;
  /** Makes what was written survive a loss of power. After a failure nothing is known of it: never ask again. */
  datasync(): Promise<void>;
  truncate(bytes: number): Promise<void>;
  close(): Promise<void>;
}

export interface FileFacts {
  readonly bytes: number;
  /** Unix milliseconds of the last write. */
  readonly modifiedAt: number;
}

export interface Files {
  /** Creates a folder and its parents, for the owner only. Returns the topmost one created; undefined if all existed. */
  makeFolder(folder: string): Promise<string | undefined>;
  /** Opens for writing, readable by its owner only. `new` refuses a file that is there with `EEXIST`. */
  open(file: string, mode: 'new' | 'any'): Promise<OpenFile>;
  /** Names in a folder, in any order. */
  list(folder: string): Promise<readonly string[]>;
  /** Null if there is no such file. */
  facts(file: string): Promise<FileFacts | null>;
  read(file: string): Promise<Buffer>;
  rename(from: string, to: string): Promise<void>;
  /** Deletes a file; a missing one is not an error. */
  remove(file: string): Promise<void>;
  /** Makes the names in a folder (new, renamed, deleted) survive a loss of power. */
  syncFolder(folder: string): Promise<void>;
}

/** Written to and made where missing, never emptied. */
const OPEN_ANY = constants.O_WRONLY | constants.O_CREAT;

/** The disk of this machine. */
export const diskFiles: Files = {
  makeFolder: (folder) => mkdir(folder, { recursive: true, mode: 0o700 }),
  async open(file, mode) {
    const handle = await open(file, mode === 'new' ? 'wx' : OPEN_ANY, 0o600);
    return {
      write: async (data, position) => (await handle.write(data, 0, data.length, position)).bytesWritten,
      datasync: () => handle.datasync(),
      truncate: (bytes) => handle.truncate(bytes),
      close: () => handle.close(),
    };
  },
  list: (folder) => readdir(folder),
  async facts(file) {
    const found = await stat(file).catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return null;
      throw error;
    });
    return found === null ? null : { bytes: found.size, modifiedAt: found.mtimeMs };
  },
  read: (file) => readFile(file),
  rename: (from, to) => rename(from, to),
  remove: (file) => rm(file, { force: true }),
  async syncFolder(folder) {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};

/** Makes a folder whose name survives a loss of power, also where an earlier process had only begun with it. */
export async function makeDurableFolder(files: Files, folder: string): Promise<void> {
  const topmost = path.resolve((await files.makeFolder(folder)) ?? folder);
  // Each folder is an entry of its parent folder, which must be fsynced too.
  for (let made = path.resolve(folder); ; made = path.dirname(made)) {
    await files.syncFolder(path.dirname(made));
    if (made === topmost || made === path.dirname(made)) return;
  }
}

/** Writes all of `data`, in as many pieces as the disk takes it. Rejects when it takes no more. */
export async function writeAll(file: OpenFile, data: Buffer, position: number): Promise<void> {
  for (let done = 0; done < data.length; ) {
    const taken = await file.write(done === 0 ? data : data.subarray(done), position + done);
    if (taken <= 0) throw new NothingWrittenError();
    done += taken;
  }
}

/** Replaces a small file whole or not at all, durably. */
export async function writeDurably(files: Files, target: string, data: Buffer): Promise<void> {
  const draft = `${target}.new`;
  const file = await files.open(draft, 'any');
  try {
    await file.truncate(0);
    await writeAll(file, data, 0);
    await file.datasync();
  } finally {
    await file.close().catch(() => undefined);
  }
  await files.rename(draft, target);
  await files.syncFolder(path.dirname(target));
}

const PROOF = Buffer.alloc(32_768, 'farthing ');

/** Resolves when a new file in the folder takes a few thousand bytes and keeps them: the folder can be written. */
export async function proveWritable(files: Files, folder: string): Promise<void> {
  const target = path.join(folder, 'probe');
  try {
    // A new file each time: after a failed fsync, the next fsync of the same file could falsely succeed.
    await files.remove(target);
    const file = await files.open(target, 'new');
    try {
      await writeAll(file, PROOF, 0);
      await file.datasync();
    } finally {
      await file.close().catch(() => undefined);
    }
    await files.syncFolder(folder);
  } finally {
    await files.remove(target).catch(() => undefined);
  }
}
