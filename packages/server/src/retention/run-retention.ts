/** One round of retention: watermarks move, months below all of them are dropped, the rest goes in small deletes. */
import type { Database } from '../db/database.ts';
import { BATCH, deleteEvents, deleteQuarantined } from './delete-events.ts';
import { dropPartitions } from './drop-partitions.ts';
import { type Moved, moveWatermarks, readSettledWatermarks } from './store.ts';

export interface RetentionOptions {
  readonly db: Database;
  /** Most days that any tenant's events are kept; null = no limit. */
  readonly instanceDays: number | null;
  /** Unix milliseconds. */
  readonly now: () => number;
  /**
   * Grace period after a watermark moved, in which nothing below it is deleted. Writers know a watermark a minute late
   * at most: while one might still take an old event, the id that would tell it for a duplicate must be there. Default
   * 5 minutes.
   */
  readonly graceMs?: number;
}

export interface RetentionRound {
  readonly watermarks_moved: number;
  readonly months_dropped: number;
  readonly events_deleted: number;
  readonly quarantined_deleted: number;
  /** The longest transaction that held locks, milliseconds. */
  readonly longest_ms: number;
  /** False: the time was up; the next round goes on. */
  readonly complete: boolean;
}

const GRACE_MS = 5 * 60_000;
/** Batches of one tenant before the next has its turn. */
const TURN = 20;

/** Does as much as it can until the signal is aborted. Safe to run twice concurrently, and to kill. */
export async function runRetention(options: RetentionOptions, signal: AbortSignal): Promise<RetentionRound> {
  const { db, instanceDays, now, graceMs = GRACE_MS } = options;
  const moved = await db.asOperator((tx) => moveWatermarks(tx, { instanceDays, now: now() }));
  const { months, leftUntil } = await dropPartitions(db, { graceMs, signal });
  const known = await db.asOperator((tx) => readSettledWatermarks(tx, graceMs));
  let events = 0;
  let quarantined = 0;
  let longest = 0;
  let open = known;
  while (open.length > 0 && !signal.aborted) {
    const unfinished: Moved[] = [];
    for (const one of open) {
      const turn = await takeTurn(db, one, leftUntil, signal);
      events += turn.events;
      quarantined += turn.quarantined;
      longest = Math.max(longest, turn.longestMs);
      if (!turn.finished) unfinished.push(one);
    }
    open = unfinished;
  }
  return {
    watermarks_moved: moved.length,
    months_dropped: months.length,
    events_deleted: events,
    quarantined_deleted: quarantined,
    longest_ms: Math.ceil(longest),
    complete: open.length === 0 && leftUntil === null,
  };
}

interface Turn {
  readonly events: number;
  readonly quarantined: number;
  readonly longestMs: number;
  readonly finished: boolean;
}

async function takeTurn(
  db: Database,
  { tenant, eventsFrom }: Moved,
  from: Date | null,
  signal: AbortSignal,
): Promise<Turn> {
  let events = 0;
  let quarantined = 0;
  let longestMs = 0;
  for (let batch = 0; batch < TURN && !signal.aborted; batch += 1) {
    const deleted = await deleteEvents(db, tenant, { from, before: eventsFrom });
    const aside = await deleteQuarantined(db, tenant, eventsFrom);
    events += deleted.events;
    quarantined += aside;
    longestMs = Math.max(longestMs, deleted.lockedMs);
    if (deleted.found < BATCH && aside < BATCH) return { events, quarantined, longestMs, finished: true };
  }
  return { events, quarantined, longestMs, finished: false };
}
