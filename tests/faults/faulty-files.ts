/** A disk that fails on demand: any system error at any operation, short writes, a size that runs out. */
import type { Files, OpenFile } from '../../packages/server/src/record/spool/files.ts';
import { systemError } from './power-loss-disk.ts';

export const OPERATIONS = [
  'makeFolder',
  'open',
  'write',
  'datasync',
  'truncate',
  'close',
  'list',
  'facts',
  'read',
  'rename',
  'remove',
  'syncFolder',
] as const;
export type Operation = (typeof OPERATIONS)[number];

export const ERRNOS = ['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE', 'ENOENT', 'EROFS', 'EACCES'] as const;
export type Errno = (typeof ERRNOS)[number];

/** What goes wrong, from now until it is ended. */
export interface Fault {
  /** Which operations; all where absent. */
  readonly operations?: readonly Operation[];
  readonly code: Errno;
  /** How many of them pass before the first fails. */
  readonly after?: number;
  /** How many fail; all where absent. */
  readonly times?: number;
}

export class FaultyFiles implements Files {
  /** How often each operation was asked for. */
  readonly asked = new Map<Operation, number>();
  /** How many operations failed by order. */
  failed = 0;
  /** Most bytes that one write takes; no limit where null. */
  mostPerWrite: number | null = null;
  /** Bytes that the disk still takes: then a write is short, and the next one fails with `ENOSPC`. */
  room: number | null = null;
  /** Waited for before each fsync. */
  beforeSync: (() => Promise<void>) | null = null;
  readonly #inner: Files;
  readonly #faults = new Set<{ fault: Fault; seen: number; failed: number }>();

  constructor(inner: Files) {
    this.#inner = inner;
  }

  /** Begins a fault; the answer ends it. */
  begin(fault: Fault): () => void {
    const entry = { fault, seen: 0, failed: 0 };
    this.#faults.add(entry);
    return () => this.#faults.delete(entry);
  }

  heal(): void {
    this.#faults.clear();
    this.room = null;
    this.mostPerWrite = null;
  }

  #check(operation: Operation): void {
    this.asked.set(operation, (this.asked.get(operation) ?? 0) + 1);
    for (const entry of this.#faults) {
      const { operations, code, after = 0, times = Number.POSITIVE_INFINITY } = entry.fault;
      if (operations !== undefined && !operations.includes(operation)) continue;
      entry.seen += 1;
      if (entry.seen <= after || entry.failed >= times) continue;
      entry.failed += 1;
      this.failed += 1;
      throw systemError(code);
    }
  }

  async makeFolder(folder: string): Promise<string | undefined> {
    this.#check('makeFolder');
    return this.#inner.makeFolder(folder);
  }

  async open(file: string, mode: 'new' | 'any'): Promise<OpenFile> {
    this.#check('open');
    const opened = await this.#inner.open(file, mode);
    return {
      write: (data, position) => this.#write(opened, data, position),
      datasync: async () => {
        await this.beforeSync?.();
        try {
          this.#check('datasync');
        } catch (error) {
          if ('syncFailed' in opened && typeof opened.syncFailed === 'function') opened.syncFailed();
          throw error;
        }
        await opened.datasync();
      },
      truncate: async (bytes) => {
        this.#check('truncate');
        await opened.truncate(bytes);
      },
      close: async () => {
        await opened.close();
        this.#check('close');
      },
    };
  }

  async #write(opened: OpenFile, data: Buffer, position: number): Promise<number> {
    this.#check('write');
    const most = Math.min(data.length, this.mostPerWrite ?? data.length, this.room ?? data.length);
    if (this.room !== null) {
      if (most === 0) {
        this.failed += 1;
        throw systemError('ENOSPC');
      }
      if (most < data.length) this.failed += 1;
      this.room -= most;
    }
    return most === 0 ? 0 : opened.write(data.subarray(0, most), position);
  }

  async list(folder: string): Promise<readonly string[]> {
    this.#check('list');
    return this.#inner.list(folder);
  }

  async facts(file: string): ReturnType<Files['facts']> {
    this.#check('facts');
    return this.#inner.facts(file);
  }

  async read(file: string): Promise<Buffer> {
    this.#check('read');
    return this.#inner.read(file);
  }

  async rename(from: string, to: string): Promise<void> {
    this.#check('rename');
    await this.#inner.rename(from, to);
  }

  async remove(file: string): Promise<void> {
    this.#check('remove');
    await this.#inner.remove(file);
  }

  async syncFolder(folder: string): Promise<void> {
    this.#check('syncFolder');
    await this.#inner.syncFolder(folder);
  }
}
