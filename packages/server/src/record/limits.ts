/**
 * Limits of the write path that a caller or an operator can notice: size of the queue, size of a transaction. The
 * limits of one event are in `commit/event-bounds.ts`; when a refused caller may retry is in `retry-after.ts`.
 */

/** Bounds of one process. Past them `record` refuses with `OverloadedError`; nothing is dropped silently. */
export interface RecorderLimits {
  /** Events waiting or in a transaction, approximate bytes. */
  readonly queueBytes: number;
  /** Most events of one transaction. */
  readonly batchEvents: number;
  /** Most approximate bytes of one transaction. */
  readonly batchBytes: number;
  /** Time limit of one statement of a transaction, milliseconds; a batch past it is retried in parts. */
  readonly statementMs: number;
  /** Most concurrent transactions. */
  readonly lanes: number;
  /** All spool segments together, bytes. */
  readonly spoolBytes: number;
  /** A segment is closed once it is this long. */
  readonly segmentBytes: number;
}

/** Default limits of one process in memory and on disk. */
export const DEFAULT_LIMITS: RecorderLimits = {
  queueBytes: 64 * 1024 * 1024,
  batchEvents: 5_000,
  batchBytes: 8 * 1024 * 1024,
  // Ten times what it takes for a full batch on a small machine.
  statementMs: 5_000,
  lanes: 2,
  spoolBytes: 1024 * 1024 * 1024,
  segmentBytes: 8 * 1024 * 1024,
};

/** A journal segment is closed at this size; each segment is recorded in its own round. */
export const JOURNAL_SEGMENT_BYTES = 4 * 1024 * 1024;

// The queue.

/** Assumed size of an event before it is known, for admission. */
export const EXPECTED_EVENT_BYTES = 2_048;
/** Reserve on top of `queueBytes`, as a fraction of it, for tenants that have less than their share. */
export const QUEUE_RESERVE = 0.25;
/** Events rated in one turn of the event loop; longer would delay other requests. */
export const RATED_PER_TURN = 256;

// How many events a transaction takes while several tenants write (`queue/batch-size.ts`).

/** Target duration of a transaction, milliseconds. A new event waits for at most two of them. */
export const LONG_TRANSACTION_MS = 250;
export const FEWEST_BATCH_EVENTS = 256;
export const FIRST_BATCH_EVENTS = 1_024;
/**
 * Waiting events that justify a second transaction beside the running one: with requests of 50 events, 7 % more
 * throughput than at 512.
 */
export const WORTH_A_LANE = 128;

// Batches the database gave up on.

/** Share of a statement's time limit that a part of such a batch may take. */
export const PART_SHARE = 0.4;
/**
 * Events in the line aside go through small transactions, so that a bad one delays the others of its line only briefly.
 */
export const ASIDE_EVENTS = 256;
/** How long a source stays in the line aside after its last failure. */
export const ASIDE_MS = 60_000;

// The journal.

/** How long events gather before they are recorded; well under the second within which a dashboard shows them. */
export const JOURNAL_GATHER_MS = 80;
