/** The system's errors about files, in words. */

/** The disk answered that it wrote, and took no byte. */
export class NothingWrittenError extends Error {
  override readonly name = 'NothingWrittenError';
  readonly code = 'ENOSPC';
  constructor() {
    super('The disk took no more bytes.');
  }
}

/** Something on the spool's disk could not be done. It carries no system code: that of a database would be looked for there. */
export class SpoolError extends Error {
  override readonly name = 'SpoolError';
}

const WORDS: { readonly [code: string]: string } = {
  ENOSPC: 'no space is left on its disk',
  EDQUOT: 'the disk quota of this user is used up',
  EIO: 'the disk reports an error',
  EMFILE: 'this process has too many files and connections open',
  ENFILE: 'this machine has too many files open',
  ENOENT: 'the file or folder is gone',
  EROFS: 'its disk is read-only',
  EACCES: 'this user may not do so',
  EPERM: 'this user may not do so',
};

/** The system's code of an error, `ENOSPC`; empty where it has none. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Why a file could not be used, without its path: `no space is left on its disk (ENOSPC)`. */
export function diskReason(error: unknown): string {
  const code = errorCode(error);
  if (code === '') return error instanceof Error ? error.message : String(error);
  const words = WORDS[code];
  return words === undefined ? code : `${words} (${code})`;
}

/** True if no file at all can be opened now, so that the error says nothing about this file. */
export function isShortOfDescriptors(error: unknown): boolean {
  return ['EMFILE', 'ENFILE', 'ENOMEM'].includes(errorCode(error));
}

/** True if waiting does not help: a person must change a setting or a permission. */
export function needsAnOperator(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENAMETOOLONG'].includes(
    errorCode(error),
  );
}
