/**
 * The spool: append-only files that keep events while Postgres is away. What `append` has resolved survives a crash
 * and a loss of power. One process per folder: the lock of the data folder sees to that.
 */
import {
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import type { UsageEvent } from '../../ledger/usage-event.ts';
import { Overloaded } from '../overloaded.ts';
import { frame, readFrames } from './frames.ts';

const SEGMENT = /^(\d{12})\.spool$/;
const RETRY_AFTER_SECONDS = 30;

export interface SpoolLimits {
  /** All segments together. */
  readonly spoolBytes: number;
  /** A segment past this is closed and a new one begun. */
  readonly segmentBytes: number;
}

/** A segment read back. */
export interface SpoolSegment {
  readonly name: string;
  readonly events: readonly UsageEvent[];
  /** Stretches that could not be read; kept in `damagedFile`, which nothing deletes. */
  readonly damaged: number;
  readonly damagedFile: string | null;
}

export interface Spool {
  readonly bytes: number;
  readonly events: number;
  /** Resolves once the events are on disk (one fsync for all who wait). Refuses with {@link Overloaded} when full. */
  append(events: readonly UsageEvent[]): Promise<void>;
  /** The oldest segment, closed for writing; null when there is none. */
  oldest(): Promise<SpoolSegment | null>;
  /** Deletes a segment whose events are committed or in quarantine. */
  remove(segment: SpoolSegment): Promise<void>;
  /** Keeps an event that nothing else can hold, with its reason, in `set-aside.ndjson`; nothing deletes it. */
  setAside(event: UsageEvent, reason: string): Promise<void>;
  close(): Promise<void>;
}

interface Segment {
  readonly name: string;
  bytes: number;
  events: number;
}

interface PendingWrite {
  readonly data: Buffer;
  readonly events: number;
  resolve(): void;
  reject(error: unknown): void;
}

/** Opens the folder (made where missing, readable by its owner only) and takes stock of what is left in it. */
export async function openSpool(directory: string, limits: SpoolLimits): Promise<Spool> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const segments = await takeStock(directory);
  return new SegmentSpool(directory, limits, segments);
}

async function takeStock(directory: string): Promise<Segment[]> {
  const names = (await readdir(directory)).filter((name) => SEGMENT.test(name)).sort();
  const segments: Segment[] = [];
  for (const name of names) {
    const content = await readFile(path.join(directory, name));
    segments.push({ name, bytes: content.length, events: readFrames(content).payloads.length });
  }
  return segments;
}

class SegmentSpool implements Spool {
  readonly #directory: string;
  readonly #limits: SpoolLimits;
  /** Oldest first; the last one is being written where `#file` is open. */
  readonly #segments: Segment[];
  #file: FileHandle | null = null;
  #nextNumber: number;
  #waiting: PendingWrite[] = [];
  #writing: Promise<void> | null = null;
  /** Admitted and not yet written. */
  #promisedBytes = 0;

  constructor(directory: string, limits: SpoolLimits, segments: Segment[]) {
    this.#directory = directory;
    this.#limits = limits;
    this.#segments = segments;
    this.#nextNumber = Number(segments.at(-1)?.name.slice(0, 12) ?? 0) + 1;
  }

  get bytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.bytes, this.#promisedBytes);
  }

  get events(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.events, 0);
  }

  append(events: readonly UsageEvent[]): Promise<void> {
    const data = Buffer.concat(events.map((event) => frame(Buffer.from(JSON.stringify(event)))));
    if (this.bytes + data.length > this.#limits.spoolBytes) {
      return Promise.reject(
        new Overloaded(
          'The database is away and the spool is full. Send the events again later.',
          RETRY_AFTER_SECONDS,
        ),
      );
    }
    this.#promisedBytes += data.length;
    const written = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ data, events: events.length, resolve, reject });
    });
    this.#writing ??= this.#writeAll();
    return written;
  }

  async #writeAll(): Promise<void> {
    await Promise.resolve(); // appends of the same turn share the fsync
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#write(batch);
        for (const write of batch) write.resolve();
      } catch (error) {
        for (const write of batch) write.reject(error);
      } finally {
        for (const write of batch) this.#promisedBytes -= write.data.length;
      }
    }
    this.#writing = null;
  }

  async #write(batch: readonly PendingWrite[]): Promise<void> {
    const { file, segment } = await this.#current();
    const start = segment.bytes;
    let length = 0;
    try {
      for (const write of batch) {
        await file.write(write.data, 0, write.data.length, start + length);
        length += write.data.length;
      }
      await file.datasync();
    } catch (error) {
      // A half-written frame must not stand before later ones; where even that fails the reader steps over it.
      await file.truncate(start).catch(() => undefined);
      await this.#closeFile();
      const reason = error instanceof Error ? error.message : String(error);
      throw new Overloaded(
        `The database is away and the spool cannot be written: ${reason}`,
        RETRY_AFTER_SECONDS,
      );
    }
    segment.bytes += length;
    segment.events += batch.reduce((sum, write) => sum + write.events, 0);
    if (segment.bytes >= this.#limits.segmentBytes) await this.#closeFile();
  }

  async #current(): Promise<{ file: FileHandle; segment: Segment }> {
    const last = this.#segments.at(-1);
    if (this.#file !== null && last !== undefined) return { file: this.#file, segment: last };
    const segment: Segment = {
      name: `${String(this.#nextNumber).padStart(12, '0')}.spool`,
      bytes: 0,
      events: 0,
    };
    const file = await open(path.join(this.#directory, segment.name), 'wx', 0o600);
    this.#nextNumber += 1;
    this.#file = file;
    this.#segments.push(segment);
    await syncDirectory(this.#directory);
    return { file, segment };
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close();
  }

  async oldest(): Promise<SpoolSegment | null> {
    while (this.#writing !== null) await this.#writing;
    const segment = this.#segments[0];
    if (segment === undefined) return null;
    // From here on appends begin a new segment.
    if (this.#segments.length === 1) await this.#closeFile();
    const content = await readFile(path.join(this.#directory, segment.name));
    const { payloads, damaged: torn } = readFrames(content);
    const damaged = [...torn];
    const events: UsageEvent[] = [];
    for (const payload of payloads) {
      const event = parseEvent(payload);
      if (event !== null) events.push(event);
      else damaged.push({ offset: payload.byteOffset - content.byteOffset, bytes: payload });
    }
    const damagedFile = damaged.length === 0 ? null : path.join(this.#directory, `${segment.name}.damaged`);
    if (damagedFile !== null) await keepDamaged(damagedFile, damaged);
    return { name: segment.name, events, damaged: damaged.length, damagedFile };
  }

  async remove(segment: SpoolSegment): Promise<void> {
    await rm(path.join(this.#directory, segment.name), { force: true });
    await syncDirectory(this.#directory);
    const at = this.#segments.findIndex((one) => one.name === segment.name);
    if (at !== -1) this.#segments.splice(at, 1);
  }

  async setAside(event: UsageEvent, reason: string): Promise<void> {
    const line = `${JSON.stringify({ reason, event })}\n`;
    await writeFile(path.join(this.#directory, 'set-aside.ndjson'), line, {
      flag: 'a',
      mode: 0o600,
      flush: true,
    });
  }

  async close(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
    await this.#closeFile();
  }
}

/** A sound frame holds what `append` was given; anything else was put there by someone else. */
function parseEvent(payload: Buffer): UsageEvent | null {
  try {
    const event: unknown = JSON.parse(payload.toString('utf8'));
    return typeof event === 'object' && event !== null && 'tenant' in event && 'segments' in event
      ? (event as UsageEvent)
      : null;
  } catch {
    return null;
  }
}

/** Each stretch with the offset it stood at, whole or not at all. */
async function keepDamaged(
  file: string,
  stretches: readonly { readonly offset: number; readonly bytes: Buffer }[],
): Promise<void> {
  if (await stat(file).catch(() => null)) return;
  const lines = stretches.map(
    ({ offset, bytes }) => `${JSON.stringify({ offset, base64: bytes.toString('base64') })}\n`,
  );
  await writeFile(`${file}.new`, lines.join(''), { mode: 0o600, flush: true });
  await rename(`${file}.new`, file);
}

/** Makes a new or deleted name in the folder durable. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
