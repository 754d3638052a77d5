/**
 * Appends to the newest segment, with one fsync for all waiting callers, and starts a new one if the old one must not
 * be continued.
 */
import path from 'node:path';
import type { OverloadedError } from '../overloaded-error.ts';
import { errorCode } from './disk-errors.ts';
import type { Files } from './files.ts';
import type { Framed } from './segment-content.ts';
import { SegmentFile } from './segment-file.ts';
import type { Segment, SegmentList } from './segments.ts';

export interface SegmentWriterOptions {
  readonly files: Files;
  readonly directory: string;
  /** List that new segments are added to, oldest first. */
  readonly list: SegmentList;
  /** A segment past this is closed. */
  readonly segmentBytes: number;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Called if the disk failed; returns the error for waiting callers. */
  readonly onFailed: (error: unknown) => OverloadedError;
  /** A segment was closed. */
  readonly onClosed: () => void;
}

interface PendingWrite {
  readonly framed: Framed;
  resolve(): void;
  reject(error: unknown): void;
}

interface OpenSegment {
  readonly file: SegmentFile;
  readonly segment: Segment;
}

export class SegmentWriter {
  readonly #options: SegmentWriterOptions;
  #open: OpenSegment | null = null;
  #waiting: PendingWrite[] = [];
  #writing: Promise<void> | null = null;
  /** Callers that wait for the open segment to be closed between two writes. */
  #closers: (() => void)[] = [];
  #promisedBytes = 0;

  constructor(options: SegmentWriterOptions) {
    this.#options = options;
  }

  /** Bytes that were given and are not written yet. */
  get promisedBytes(): number {
    return this.#promisedBytes;
  }

  /** True while something is being written. */
  get busy(): boolean {
    return this.#writing !== null;
  }

  isOpen(segment: Segment): boolean {
    return this.#open?.segment === segment;
  }

  /** Resolves when the frames are durable; rejects with what `onFailed` answers, and then they are not acknowledged. */
  write(framed: Framed): Promise<void> {
    this.#promisedBytes += framed.data.length;
    const written = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ framed, resolve, reject });
    });
    this.#writing ??= this.#writeAll();
    return written;
  }

  async #writeAll(): Promise<void> {
    await Promise.resolve(); // writes of the same turn share the fsync
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#writeBatch(batch.map(({ framed }) => framed));
        for (const write of batch) write.resolve();
      } catch (error) {
        const told = this.#options.onFailed(error);
        for (const write of batch) write.reject(told);
      } finally {
        for (const { framed } of batch) this.#promisedBytes -= framed.data.length;
      }
      if (this.#closers.length > 0) await this.#closeOpen();
      for (const closed of this.#closers.splice(0)) closed();
    }
    this.#writing = null;
  }

  async #writeBatch(batch: readonly Framed[]): Promise<void> {
    const { file, segment } = this.#open ?? (await this.#begin());
    try {
      await file.append(batch.map(({ data }) => data));
      segment.bytes = file.bytes;
      segment.events += batch.reduce((sum, { events }) => sum + events, 0);
    } finally {
      if (file.sealed || file.bytes >= this.#options.segmentBytes) await this.#closeOpen();
    }
  }

  async #begin(): Promise<OpenSegment> {
    const { files, directory, list, now } = this.#options;
    for (;;) {
      const segment = list.next(now());
      const name = path.join(directory, segment.name);
      let file: SegmentFile;
      try {
        file = new SegmentFile(await files.open(name, 'new'));
      } catch (error) {
        if (errorCode(error) === 'EEXIST') continue;
        throw error;
      }
      try {
        await files.syncFolder(directory);
      } catch (error) {
        await file.close();
        await files.remove(name).catch(() => undefined);
        throw error;
      }
      list.add(segment);
      this.#open = { file, segment };
      return this.#open;
    }
  }

  async #closeOpen(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    if (open === null) return;
    if (open.segment.bytes === 0) open.segment.state = 'recorded';
    await open.file.close();
    this.#options.onClosed();
  }

  /** Closes the open segment as soon as no write is running; later events start a new one. */
  closeSegment(): Promise<void> {
    return this.#writing === null ? this.#closeOpen() : new Promise((resolve) => this.#closers.push(resolve));
  }

  /** Waits for what is being written and closes the file. */
  async close(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
    await this.#closeOpen();
  }
}
