/**
 * The backup file: gzip over a header line, then per table a line, its COPY data in frames, and a line with row count
 * and SHA-256; a last line says that it is whole.
 *
 *     {"format":"farthing-backup","version":1,"schema":3,…}
 *     {"table":"tenants","columns":["id","name",…]}
 *     {"bytes":65536}\n<65536 bytes of COPY text>
 *     {"end":"tenants","rows":12,"sha256":"…"}
 *     {"complete":true}
 */
import type { Readable } from 'node:stream';

export interface BackupHeader {
  readonly format: 'farthing-backup';
  readonly version: 1;
  /** Schema version (number of migrations). */
  readonly schema: number;
  readonly madeAt: string;
  /** Months of usage_events that have a partition, `2026-11`. */
  readonly months: readonly string[];
}

export interface TableStart {
  readonly table: string;
  readonly columns: readonly string[];
}

export interface TableEnd {
  readonly end: string;
  readonly rows: number;
  readonly sha256: string;
}

export type BackupFrame = { readonly bytes: number };
export type BackupLine = BackupHeader | TableStart | TableEnd | BackupFrame | { readonly complete: true };

/** The file is damaged, cut short, or not a backup; nothing of it was restored. */
export class BackupFileError extends Error {
  override readonly name = 'BackupFileError';
}

const LONGEST_LINE = 1024 * 1024;

/** A line of the file as bytes. */
export function encodeLine(line: BackupLine): Buffer {
  return Buffer.from(`${JSON.stringify(line)}\n`);
}

/** Reads lines and frames from the unpacked stream, holding one chunk at a time. */
export class BackupReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(unpacked: Readable) {
    this.#chunks = unpacked[Symbol.asyncIterator]();
  }

  /** The next line; refuses the end of the file, since the last line is read before it. */
  async line(): Promise<BackupLine> {
    for (;;) {
      const end = this.#rest.indexOf(10);
      if (end >= 0) {
        const text = this.#rest.toString('utf8', 0, end);
        this.#rest = this.#rest.subarray(end + 1);
        return parseLine(text);
      }
      if (this.#rest.length > LONGEST_LINE) throw new BackupFileError('This is no backup of Farthing.');
      await this.#more();
    }
  }

  /** The bytes of a frame, in pieces. */
  async *frame(bytes: number): AsyncGenerator<Buffer> {
    let missing = bytes;
    while (missing > 0) {
      if (this.#rest.length === 0) await this.#more();
      const piece = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(piece.length);
      missing -= piece.length;
      yield piece;
    }
  }

  async #more(): Promise<void> {
    const next = await this.#chunks.next().catch((error: Error) => {
      throw new BackupFileError(`The backup is damaged: ${error.message}.`, { cause: error });
    });
    if (next.done === true)
      throw new BackupFileError('The backup ends too early: it was not written to its end.');
    this.#rest = this.#rest.length === 0 ? next.value : Buffer.concat([this.#rest, next.value]);
  }
}

function parseLine(text: string): BackupLine {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as BackupLine;
  } catch {
    // Falls through: not a line of ours.
  }
  throw new BackupFileError('The backup is damaged, or no backup of Farthing.');
}
