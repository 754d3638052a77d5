/** The segments of a spool: their order and content. */
import path from 'node:path';
import { errorCode, isShortOfDescriptors } from './disk-errors.ts';
import type { Files } from './files.ts';
import { readContent } from './segment-content.ts';

const SEGMENT = /^\d{12}\.spool$/;
/** A segment's number is never used again while anything that is left of it bears its name. */
const NUMBERED = /^(\d{12})\.spool/;

export interface Segment {
  readonly name: string;
  /** Bytes that are durable. */
  bytes: number;
  events: number;
  /** Unix milliseconds since when its events wait, as far as is known. */
  readonly since: number;
  /** `recorded`: all its events are recorded. `unreadable`: set apart until it can be read. */
  state: 'waiting' | 'unreadable' | 'recorded';
  /** How often it could not be read, or deleted. */
  failures: number;
  /** Something in it is no event, and is not kept elsewhere yet. */
  damaged: boolean;
}

export class SegmentList {
  /** Oldest first. */
  #segments: Segment[] = [];
  #nextNumber = 1;

  /** Bytes that wait to be recorded. */
  get bytes(): number {
    return this.of('waiting').reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get events(): number {
    return this.of('waiting').reduce((sum, { events }) => sum + events, 0);
  }

  /** Bytes on disk, whatever they wait for. */
  get occupied(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  of(state: Segment['state']): Segment[] {
    return this.#segments.filter((segment) => segment.state === state);
  }

  find(name: string): Segment | undefined {
    return this.#segments.find((segment) => segment.name === name);
  }

  /** A segment with a name that no other has had; not in the list yet. */
  next(now: number): Segment {
    const name = `${String(this.#nextNumber).padStart(12, '0')}.spool`;
    this.#nextNumber += 1;
    return { name, bytes: 0, events: 0, since: now, state: 'waiting', failures: 0, damaged: false };
  }

  add(segment: Segment): void {
    this.#segments.push(segment);
  }

  drop(segment: Segment): void {
    this.#segments = this.#segments.filter((one) => one !== segment);
  }

  /** Takes over segments that an earlier run left in the folder; none if there is no folder. */
  async takeStock(files: Files, directory: string): Promise<void> {
    const names = await files.list(directory).catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return [];
      throw error;
    });
    const found: Segment[] = [];
    for (const name of names.filter((one) => SEGMENT.test(one)).sort()) {
      const segment = await inspect(files, directory, name);
      if (segment !== null) found.push(segment);
    }
    this.#segments = found;
    const numbers = names.map((name) => Number(NUMBERED.exec(name)?.[1] ?? 0));
    this.#nextNumber = numbers.reduce((most, number) => Math.max(most, number), 0) + 1;
  }
}

/** Null for a file that is gone. An unreadable one is read again when its turn comes. */
async function inspect(files: Files, directory: string, name: string): Promise<Segment | null> {
  const file = path.join(directory, name);
  const facts = await files.facts(file);
  if (facts === null) return null;
  const { bytes, modifiedAt: since } = facts;
  // Made, and never written to.
  if (bytes === 0) return { name, bytes, events: 0, since, state: 'recorded', failures: 0, damaged: false };
  try {
    const { events } = readContent(await files.read(file));
    return { name, bytes, events: events.length, since, state: 'waiting', failures: 0, damaged: false };
  } catch (error) {
    if (isShortOfDescriptors(error)) throw error;
    if (errorCode(error) === 'ENOENT') return null;
    return { name, bytes, events: 0, since, state: 'waiting', failures: 0, damaged: false };
  }
}
