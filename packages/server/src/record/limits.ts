/**
 * The limits of the write path that a caller or an operator meets: how much waits, how much a transaction takes, when a
 * refused caller may come again. What one event may be at most stands in `commit/event-bounds.ts`.
 */

/** Bounds of one process. Past them `record` refuses with `OverloadedError`; nothing is dropped silently. */
export interface RecorderLimits {
  /** Events waiting or in a transaction, approximate bytes. */
  readonly queueBytes: number;
  /** Most events of one transaction. */
  readonly batchEvents: number;
  /** Most approximate bytes of one transaction. */
  readonly batchBytes: number;
  /** What one statement of a transaction may take, milliseconds; a batch past it is tried in parts. */
  readonly statementMs: number;
  /** Transactions in flight at once. */
  readonly lanes: number;
  /** All spool segments together, bytes. */
  readonly spoolBytes: number;
  /** A segment is closed once it is this long. */
  readonly segmentBytes: number;
}

/** What one process keeps in memory and on disk unless told otherwise. */
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

// `Retry-After`, seconds.

/** The queue is full, or the server is shutting down. */
export const QUEUE_RETRY_SECONDS = 1;
/** The space for waiting events is full. */
export const SPOOL_FULL_RETRY_SECONDS = 30;
/** The disk failed. */
export const DISK_FAILED_RETRY_SECONDS = 5;

// The queue.

/** Assumed size of an event before it is known, for admission. */
export const EXPECTED_EVENT_BYTES = 2_048;
/** What is kept free on top of `queueBytes` for tenants that have less than their share: this part of it. */
export const QUEUE_RESERVE = 0.25;
/** Events rated in one turn of the event loop; longer would delay other requests. */
export const RATED_PER_TURN = 256;

// How many events a transaction takes while several tenants write (`queue/batch-size.ts`).

/** Time it should not take longer than, milliseconds: what a new event waits for at worst, twice. */
export const LONG_TRANSACTION_MS = 250;
export const FEWEST_BATCH_EVENTS = 256;
export const FIRST_BATCH_EVENTS = 1_024;
/** Waiting events that are worth a transaction beside the one that runs: by requests of 50, 7 % more than with 512. */
export const WORTH_A_LANE = 128;

// What the database gave up on.

/** A part of such a batch may take so much of what a statement may. */
export const PART_SHARE = 0.4;
/** Events of sources that stand aside take small transactions: one of them holds the others of its line up only so long. */
export const ASIDE_EVENTS = 256;
/** How long a source stands aside after its last failure. */
export const ASIDE_MS = 60_000;

// The journal.

/** How long events gather before they are recorded; well under the second within which a dashboard shows them. */
export const JOURNAL_GATHER_MS = 80;
