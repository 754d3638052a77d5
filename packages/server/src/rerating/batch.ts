/** One step of a run: one transaction that changes some events, their sums and the run's cursor together, or nothing. */
import type { Database, Tx } from '../db/database.ts';
import { sqlState } from '../db/store-errors.ts';
import { KnownPatterns } from '../ledger/explanation/pattern.ts';
import type { PriceBooks } from '../price-book/installed-book.ts';
import { createApplySums, SUM_STATEMENTS } from '../record/apply-sums.ts';
import { isBrokenConnection } from '../record/commit/store-faults.ts';
import type { ChargingTerms } from '../record/rate-event.ts';
import { type Change, changesOf } from './changes.ts';
import { followingKeys, readCharged } from './read-batch.ts';
import { endRun, isRunning, noteProgress, type RunRow, takeRun } from './store.ts';
import { writeChanges, writeDifferences } from './write-changes.ts';

export interface StepResult {
  /** `busy`: another process is at it. `ended`: the run is over (finished, cancelled or gone). */
  readonly state: 'more' | 'busy' | 'ended';
  readonly changed: number;
  /** How long rows were locked, milliseconds, the commit included, as this process saw it. */
  readonly lockedMs: number;
}

/**
 * Every batch reads a few rows by key. Without fresh statistics (a month that is just being filled) the planner would
 * rather read and sort all remaining events again for each batch.
 */
const ALONG_INDEXES = `select set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true),
  set_config('enable_seqscan', 'off', true)`;

/**
 * Time limits of the transaction once rows are locked. `budgetMs`: after it no statement is started, and a running one
 * is cancelled. `endMs`: the database ends the transaction even if this process hangs (PostgreSQL 17 and newer).
 */
export interface Bounds {
  readonly budgetMs: number;
  readonly endMs: number;
}

/**
 * Does up to `limit` events of the run. With bounds, the transaction is rolled back once rows were locked that long;
 * {@link tookTooLong} recognises the error. Then try fewer events. `previousMs` is the duration of the batch before,
 * which is known only after its commit.
 */
export type RatingStep = (
  run: string,
  limit: number,
  bounds: Bounds | null,
  previousMs: number,
) => Promise<StepResult>;

/** Rows were locked for longer than they may be; the transaction was rolled back. */
class BatchTooLongError extends Error {
  override readonly name = 'BatchTooLongError';
}

/** True if a step was given up because of its bounds: by this code, by a cancelled statement, or by the database. */
export function tookTooLong(error: unknown): boolean {
  const state = sqlState(error);
  return error instanceof BatchTooLongError || state === '57014' || state === '25P04';
}

/**
 * Row locks are released before the write-ahead log reaches the disk. This loses nothing: the cursor, the events and
 * their sums are one transaction, so work undone by a crash of the database is repeated. Only the end of a run waits
 * for the disk.
 */
const COMMIT_AT_ONCE = "select set_config('synchronous_commit', 'off', true)";

export interface StepParts {
  readonly db: Database;
  readonly books: PriceBooks;
  readonly terms: ChargingTerms;
}

export function createStep({ db, books, terms }: StepParts): RatingStep {
  const applySums = createApplySums();
  const patterns = new KnownPatterns();

  /** In the order of the write path: ids, patterns, events, cards, sums. */
  async function apply(tx: Tx, run: RunRow, changes: readonly Change[], watch: Watch): Promise<void> {
    if (changes.length === 0) return;
    await writeChanges(tx, run, changes, { books, patterns }, watch.check);
    await applySums(
      tx,
      changes.map(({ old, facts }) => ({ id: old.id, before: old.facts, after: facts })),
      'rated-again',
      () => watch.bound(tx, SUM_STATEMENTS),
    );
  }

  return async (id, limit, bounds, previousMs) => {
    let began: number | null = null;
    const lock = () => {
      began = performance.now();
      return began;
    };
    const lockedMs = () => (began === null ? 0 : performance.now() - began);
    try {
      const result = await db.asWriter((tx) => stepIn(tx, { id, limit, bounds, previousMs, lock }));
      return { ...result, lockedMs: lockedMs() };
    } catch (error) {
      // The database ends a transaction together with its connection. A driver that learns of it late says only that the
      // connection is gone; the run is to go on with fewer events, not to wait for a database that was never away.
      if (bounds !== null && lockedMs() >= bounds.endMs && isBrokenConnection(error))
        throw new BatchTooLongError('The database ended a batch that locked rows for too long.', {
          cause: error,
        });
      throw error;
    }
  };

  async function stepIn(tx: Tx, given: Given): Promise<Omit<StepResult, 'lockedMs'>> {
    const { id, limit, bounds, previousMs } = given;
    const run = await takeRun(tx, id);
    await tx.query(ALONG_INDEXES);
    if (run === null) return { state: (await isRunning(tx, id)) ? 'busy' : 'ended', changed: 0 };
    const keys = await followingKeys(tx, run, limit);
    const last = keys.at(-1);
    if (last === undefined) {
      await endRun(tx, id, 'done');
      return { state: 'ended', changed: 0 };
    }
    const watch = createWatch(given.lock(), run.dry_run ? null : bounds);
    await watch.begin(tx);
    await watch.bound(tx, 1);
    const events = await readCharged(
      tx,
      last.tenant,
      keys.map((key) => key.id),
      !run.dry_run,
    );
    watch.check();
    const changes = changesOf(events, books, terms);
    if (!run.dry_run) await apply(tx, run, changes, watch);
    await writeDifferences(tx, id, changes);
    await noteProgress(tx, id, {
      last,
      scanned: keys.length,
      changed: changes.length,
      longestMs: previousMs,
    });
    return { state: 'more', changed: changes.length };
  }
}

interface Given {
  readonly id: string;
  readonly limit: number;
  readonly bounds: Bounds | null;
  readonly previousMs: number;
  /** Says that rows are locked from now on; answers when that is. */
  lock(): number;
}

interface Watch {
  /** Sets the limits for the rest of the transaction. */
  begin(tx: Tx): Promise<void>;
  /** Throws {@link BatchTooLongError} past the budget. */
  check(): void;
  /** Limits the next statements, this many of them, to the time that is left. */
  bound(tx: Tx, statements: number): Promise<void>;
}

function createWatch(began: number, bounds: Bounds | null): Watch {
  if (bounds === null) {
    return {
      begin: async (tx) => void (await tx.query(COMMIT_AT_ONCE)),
      check: () => undefined,
      bound: async () => undefined,
    };
  }
  const { budgetMs, endMs } = bounds;
  const left = () => budgetMs - (performance.now() - began);
  const check = () => {
    if (left() < budgetMs / 4) throw new BatchTooLongError('A batch locked rows for too long.');
  };
  return {
    async begin(tx) {
      const end = `case when current_setting('transaction_timeout', true) is not null
        then set_config('transaction_timeout', $1, true) end`;
      await tx.query(`${COMMIT_AT_ONCE}, ${end}`, [String(endMs)]);
    },
    check,
    async bound(tx, statements) {
      check();
      const ms = String(Math.max(1, Math.floor(left() / statements)));
      await tx.query("select set_config('statement_timeout', $1, true)", [ms]);
    },
  };
}
