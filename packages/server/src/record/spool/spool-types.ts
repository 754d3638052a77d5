/** What the spool offers and what it is given. */
import type { UsageEvent } from '../../ledger/usage-event.ts';
import type { OverloadedError } from '../overloaded-error.ts';
import type { Files } from './files.ts';
import type { Leftovers } from './leftovers.ts';

export interface SpoolLimits {
  /** All segments together. */
  readonly spoolBytes: number;
  /** A segment past this is closed and a new one begun. */
  readonly segmentBytes: number;
}

export interface SpoolOptions {
  /** The disk; this machine's where absent. */
  readonly files?: Files;
  /** What an operator should know of the folder. Must return at once and never throw. */
  readonly onNotice?: (message: string, details: { readonly [key: string]: unknown }) => void;
  /** Unix milliseconds. */
  readonly now?: () => number;
}

/** A segment read back. */
export interface SpoolSegment {
  readonly name: string;
  readonly events: readonly UsageEvent[];
  /** Stretches that could not be read; {@link Spool.remove} keeps them in `damagedFile`, which nothing deletes. */
  readonly damaged: number;
  readonly damagedFile: string | null;
}

/** How a spool stands. */
export interface SpoolStatus {
  /** Events that wait to be recorded, and their bytes. */
  readonly events: number;
  readonly bytes: number;
  /** Unix milliseconds since when the oldest of them waits; null where none does. */
  readonly oldestAt: number | null;
  /** Segments that were set apart because they could not be read; they are tried again. */
  readonly unreadableSegments: number;
  /** Why nothing can be kept now; null where it can. */
  readonly refusing: string | null;
}

/** A look at a spool, for `/readyz`, metrics and whoever asks before there is an event. */
export interface SpoolView {
  status(): SpoolStatus;
  /** What a person has to look at. */
  leftovers(): Promise<Leftovers>;
  /** Why an event could not be kept now: the disk failed and has not proved since that it can write, or it is full. */
  refusal(): OverloadedError | null;
}

export interface Spool extends SpoolView {
  /** Bytes that wait to be recorded or written. */
  readonly bytes: number;
  /** Events that wait to be recorded. */
  readonly events: number;
  /**
   * Resolves once the events are on disk (one fsync for all who wait), with the positions of those that are too long to be
   * kept: they are not on disk, all others are. Refuses with {@link OverloadedError} when full or when the disk fails; nothing
   * is acknowledged then.
   */
  append(events: readonly UsageEvent[]): Promise<readonly number[]>;
  /**
   * The oldest segment that can be read, closed for writing; null when there is none. Rejects when there are some and none
   * of them can be read now.
   */
  oldest(): Promise<SpoolSegment | null>;
  /**
   * Deletes a segment whose events are committed or in quarantine, and keeps what is damaged in it. Where the disk refuses
   * that it is tried again; a start before it succeeds reads the segment again.
   */
  remove(segment: SpoolSegment): Promise<void>;
  /** Keeps an event that nothing else can hold, with its reason, in `set-aside.ndjson`; nothing deletes it. */
  setAside(event: UsageEvent, reason: string): Promise<void>;
  /** Called whenever there are waiting events again that were out of reach; one listener. */
  onReturned(listener: () => void): void;
  /** Waits for what is being written and stops. Never rejects. */
  close(): Promise<void>;
}
