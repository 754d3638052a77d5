/** Interface and options of the spool. */
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
  /** Events of the folder that an operator should know. Must return at once and never throw. */
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
  /** Unix milliseconds since when the oldest of them waits; null if none does. */
  readonly oldestAt: number | null;
  /** Segments that were set apart because they could not be read; they are tried again. */
  readonly unreadableSegments: number;
  /** Why no event can be stored now; null if it can. */
  readonly refusing: string | null;
}

/** State of a spool, for `/readyz`, metrics and callers that check before there is an event. */
export interface SpoolView {
  status(): SpoolStatus;
  /** Leftovers that a person has to check. */
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
   * Deletes a segment whose events are committed or in quarantine, and saves its damaged stretches. If the disk
   * refuses, it is retried; a restart before it succeeds reads the segment again.
   */
  remove(segment: SpoolSegment): Promise<void>;
  /**
   * Stores an event that neither ledger nor quarantine can hold, with the reason, in `set-aside.ndjson`; it is never
   * deleted.
   */
  setAside(event: UsageEvent, reason: string): Promise<void>;
  /** Called whenever there are waiting events again that were out of reach; one listener. */
  onReturned(listener: () => void): void;
  /** Waits for what is being written and stops. Never rejects. */
  close(): Promise<void>;
}
