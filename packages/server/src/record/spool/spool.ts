/**
 * The spool: append-only files that keep events while Postgres is away. Events that `append` resolved for survive a
 * crash and a loss of power. One process per folder: the data folder's lock ensures it.
 *
 * A failing disk (full, read-only, out of descriptors) makes it refuse, never stop: it tests by itself whether it can
 * write again.
 */
import path from 'node:path';
import type { UsageEvent } from '../../ledger/usage-event.ts';
import type { OverloadedError } from '../overloaded-error.ts';
import { Caretaker } from './caretaker.ts';
import { diskReason, errorCode, isShortOfDescriptors, needsAnOperator, SpoolError } from './disk-errors.ts';
import { diskFiles, type Files, makeDurableFolder, proveWritable } from './files.ts';
import { damagedFileOf, LeftoverStore, type Leftovers } from './leftovers.ts';
import { diskFailed, spoolFull } from './refusals.ts';
import { frameEvents, readContent, type SegmentContent } from './segment-content.ts';
import { SegmentWriter } from './segment-writer.ts';
import { type Segment, SegmentList } from './segments.ts';
import type { Spool, SpoolLimits, SpoolOptions, SpoolSegment, SpoolStatus } from './spool-types.ts';

export type * from './spool-types.ts';

/** Reads of one segment that fail before it is set apart. */
const MOST_FAILURES = 5;
/** With less free space the spool counts as full for callers that check before an event exists. */
const FULL_HEADROOM_BYTES = 65_536;

/**
 * Opens the folder (created if missing, readable by its owner only) and reads which segments are left in it. A disk
 * that is full or failing does not prevent a start: the spool refuses until it can write.
 *
 * @throws SpoolError the folder is unusable until a person changes a permission or a setting
 */
export async function openSpool(
  directory: string,
  limits: SpoolLimits,
  options: SpoolOptions = {},
): Promise<Spool> {
  const spool = new SegmentSpool(directory, limits, options);
  await spool.start();
  return spool;
}

class SegmentSpool implements Spool {
  readonly #directory: string;
  readonly #limits: SpoolLimits;
  readonly #files: Files;
  readonly #notice: NonNullable<SpoolOptions['onNotice']>;
  readonly #list = new SegmentList();
  readonly #writer: SegmentWriter;
  readonly #leftovers: LeftoverStore;
  readonly #caretaker: Caretaker;
  readonly #discarding = new Set<Segment>();
  /** Why the last write failed; null once one has succeeded since. */
  #failure: string | null = null;
  #stocked = false;
  #returned: () => void = () => undefined;

  constructor(directory: string, limits: SpoolLimits, options: SpoolOptions) {
    this.#directory = directory;
    this.#limits = limits;
    this.#files = options.files ?? diskFiles;
    this.#notice = options.onNotice ?? (() => undefined);
    this.#writer = new SegmentWriter({
      files: this.#files,
      directory,
      list: this.#list,
      segmentBytes: limits.segmentBytes,
      now: options.now ?? Date.now,
      onFailed: (error) => this.#fail(error),
      onClosed: () => this.#caretaker.wake(),
    });
    this.#leftovers = new LeftoverStore(this.#files, directory);
    this.#caretaker = new Caretaker({ needed: () => this.#needsCare(), round: () => this.#care() });
  }

  async start(): Promise<void> {
    try {
      await this.#prepare();
    } catch (error) {
      if (needsAnOperator(error)) {
        throw new SpoolError(
          `The folder ${this.#directory}, where events wait for the database, cannot be used: ${diskReason(error)}. ` +
            'Give the user of this process the right to read and write it, or set FARTHING_DATA_DIR to another folder.',
        );
      }
      this.#fail(error);
    }
    this.#caretaker.wake();
  }

  async #prepare(): Promise<void> {
    if (!this.#stocked) {
      await this.#list.takeStock(this.#files, this.#directory);
      this.#stocked = true;
    }
    await makeDurableFolder(this.#files, this.#directory);
  }

  get bytes(): number {
    return this.#list.bytes + this.#writer.promisedBytes;
  }

  get events(): number {
    return this.#list.events;
  }

  status(): SpoolStatus {
    const waiting = this.#list.of('waiting').filter(({ bytes }) => bytes > 0);
    return {
      events: this.events,
      bytes: this.#list.bytes,
      oldestAt: waiting[0]?.since ?? null,
      unreadableSegments: this.#list.of('unreadable').length,
      refusing: this.refusal()?.message ?? null,
    };
  }

  leftovers(): Promise<Leftovers> {
    return this.#leftovers.count();
  }

  refusal(): OverloadedError | null {
    return this.#refusalOf(Math.min(FULL_HEADROOM_BYTES, this.#limits.spoolBytes / 16));
  }

  #refusalOf(bytes: number): OverloadedError | null {
    if (this.#failure !== null) return diskFailed(this.#failure);
    if (this.#list.occupied + this.#writer.promisedBytes + bytes <= this.#limits.spoolBytes) return null;
    return spoolFull();
  }

  onReturned(listener: () => void): void {
    this.#returned = listener;
  }

  async append(events: readonly UsageEvent[]): Promise<readonly number[]> {
    const framed = frameEvents(events);
    const refusal = this.#refusalOf(framed.data.length);
    if (refusal !== null) throw refusal;
    if (framed.events > 0) await this.#writer.write(framed);
    return framed.tooLong;
  }

  /** Records that the disk failed a write, and returns the error for waiting callers. */
  #fail(error: unknown): OverloadedError {
    const first = this.#failure === null;
    const reason = diskReason(error);
    this.#failure = reason;
    if (first) this.#notice('Events cannot be kept on disk', { folder: this.#directory, reason });
    this.#caretaker.wake();
    return diskFailed(reason);
  }

  async oldest(): Promise<SpoolSegment | null> {
    for (;;) {
      const segment = await this.#readOldest();
      if (segment !== null || !this.#writer.busy) return segment;
      // The segment being written is the oldest one.
      await this.#writer.closeSegment();
    }
  }

  async #readOldest(): Promise<SpoolSegment | null> {
    let failure: SpoolError | null = null;
    for (const segment of this.#list.of('waiting')) {
      if (segment.bytes === 0) continue;
      // From here on appends begin a new segment.
      if (this.#writer.isOpen(segment)) await this.#writer.closeSegment();
      try {
        const { events, damaged } = await this.#read(segment);
        const { name } = segment;
        segment.damaged = damaged.length > 0;
        const damagedFile = segment.damaged ? damagedFileOf(this.#directory, name) : null;
        return { name, events, damaged: damaged.length, damagedFile };
      } catch (error) {
        const unread = this.#noteUnread(segment, error);
        failure ??= unread;
        if (isShortOfDescriptors(error)) break;
      }
    }
    if (failure !== null) throw failure;
    return null;
  }

  /** Reads the durable part of a segment: events after it were refused. */
  async #read(segment: Segment): Promise<SegmentContent> {
    const content = await this.#files.read(this.#pathOf(segment));
    if (content.length < segment.bytes) {
      const { name: file, bytes } = segment;
      this.#notice('A file of waiting events is shorter than it was', { file, bytes, found: content.length });
    }
    return readContent(content.subarray(0, segment.bytes));
  }

  #noteUnread(segment: Segment, error: unknown): SpoolError {
    const { name: file, events } = segment;
    const reason = diskReason(error);
    if (errorCode(error) === 'ENOENT') {
      this.#list.drop(segment);
      this.#notice('A file of waiting events is gone', { folder: this.#directory, file, events });
    } else if (!isShortOfDescriptors(error)) {
      segment.failures += 1;
      if (segment.failures >= MOST_FAILURES) {
        segment.state = 'unreadable';
        this.#notice('A file of waiting events cannot be read', { folder: this.#directory, file, reason });
        this.#caretaker.wake();
      }
    }
    return new SpoolError(`The waiting events in ${file} cannot be read: ${reason}.`);
  }

  async remove({ name }: SpoolSegment): Promise<void> {
    const segment = this.#list.find(name);
    if (segment === undefined) return;
    segment.state = 'recorded';
    await this.#discard(segment);
  }

  /** Deletes a recorded segment; a failure is retried, and by the next start in any case. */
  async #discard(segment: Segment): Promise<void> {
    if (this.#discarding.has(segment)) return;
    this.#discarding.add(segment);
    try {
      if (segment.damaged) await this.#keepDamaged(segment);
      await this.#files.remove(this.#pathOf(segment));
      this.#list.drop(segment);
      // Should the name come back after a loss of power, its events are recognised by their ids.
      await this.#files.syncFolder(this.#directory).catch(() => undefined);
    } catch (error) {
      if (segment.failures === 0) {
        const details = { folder: this.#directory, file: segment.name, reason: diskReason(error) };
        this.#notice('A file of recorded events stays until it can be deleted', details);
      }
      segment.failures += 1;
    } finally {
      this.#discarding.delete(segment);
      this.#caretaker.wake();
    }
  }

  async #keepDamaged(segment: Segment): Promise<void> {
    if (!(await this.#leftovers.hasRoom()))
      throw new SpoolError('the folder holds too many damaged files already');
    const { damaged } = await this.#read(segment);
    await this.#leftovers.keepDamaged(segment.name, damaged);
    segment.damaged = false;
  }

  async setAside(event: UsageEvent, reason: string): Promise<void> {
    await this.#leftovers.setAside(event, reason).catch((error: unknown) => {
      throw new SpoolError(`An event cannot be set aside: ${diskReason(error)}.`);
    });
  }

  #needsCare(): boolean {
    return (
      this.#failure !== null || this.#list.of('recorded').length > 0 || this.#list.of('unreadable').length > 0
    );
  }

  async #care(): Promise<void> {
    for (const segment of this.#list.of('recorded')) await this.#discard(segment);
    let returned = false;
    for (const segment of this.#list.of('unreadable')) returned = (await this.#tryAgain(segment)) || returned;
    if (this.#failure !== null) {
      const stocked = this.#stocked;
      await this.#prepare();
      returned ||= !stocked;
      await proveWritable(this.#files, this.#directory);
      this.#failure = null;
      this.#notice('Events are kept on disk again', { folder: this.#directory });
    }
    if (returned) this.#returned();
  }

  async #tryAgain(segment: Segment): Promise<boolean> {
    try {
      segment.events = (await this.#read(segment)).events.length;
    } catch {
      return false;
    }
    segment.state = 'waiting';
    segment.failures = 0;
    return true;
  }

  #pathOf({ name }: Segment): string {
    return path.join(this.#directory, name);
  }

  async close(): Promise<void> {
    await this.#writer.close();
    await this.#caretaker.close();
  }
}
