/** Carries runs out, a bounded batch at a time, and takes up what another process left unfinished. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database, Log } from '../db/database.ts';
import { isStoreUnavailable } from '../db/store-errors.ts';
import type { PriceBooks } from '../price-book/installed-book.ts';
import { storeFault } from '../record/commit/store-faults.ts';
import { announceAll } from '../record/feed/announcer.ts';
import type { ChargingTerms } from '../record/rate-event.ts';
import { audit } from '../tenants/audit/write-audit.ts';
import { type Bounds, createStep, tookTooLong } from './batch.ts';
import type { DayDifference, NewRun, Run } from './run.ts';
import {
  countSelected,
  endRun,
  insertRun,
  listRuns,
  noteLongest,
  openRuns,
  readDifferences,
  readRun,
} from './store.ts';

export interface Rerater {
  /** Opens a run and begins with it; the answer does not wait for its end. */
  start(run: NewRun): Promise<Run>;
  get(id: string): Promise<{ readonly run: Run; readonly differences: readonly DayDifference[] } | null>;
  list(): Promise<readonly Run[]>;
  /** Stops a run after the current batch; its changes and adjustments stay. False if the run is not open. */
  cancel(id: string, actor: string): Promise<boolean>;
  /**
   * Rates the unpriced events, once per price book across all processes. Called whenever the prices in force change.
   * Null if nothing is unpriced or the book already had its run.
   */
  rateUnpriced(bookVersion: string): Promise<Run | null>;
  /** Resolves once no run is open here. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

export interface ReraterOptions {
  readonly db: Database;
  readonly books: PriceBooks;
  readonly terms: ChargingTerms;
  readonly log: Log;
  /** Interval for looking for runs that no process works on, milliseconds. Default 15 000. */
  readonly lookEveryMs?: number;
  /** Most events of one transaction. Default 250. */
  readonly batchEvents?: number;
}

/** Batches grow and shrink around this: rows stay locked far less than the 200 ms that are promised. */
const AIM_MS = 60;
/** Past these a batch is rolled back and retried with half the events, down to a single one. */
const BOUNDS: Bounds = { budgetMs: 120, endMs: 180 };
/**
 * Tries of a single event within the bounds. On a machine that is too slow for that, a few events are then done without
 * bounds. After this happened once, fewer tries are made, so that a run makes progress there too.
 */
const PATIENCE = 30;
const LEAST_PATIENCE = 2;
/** Events of a step without bounds. */
const UNBOUND_EVENTS = 8;
const RETRY_MS = 250;

export function createRerater(options: ReraterOptions): Rerater {
  const { db, books, terms, log, lookEveryMs = 15_000, batchEvents = 250 } = options;
  const step = createStep({ db, books, terms });
  let closing = false;
  let working: Promise<void> | null = null;
  let again = false;
  let size = Math.min(50, batchEvents);
  let patience = PATIENCE;

  function work(): void {
    if (closing) return;
    if (working !== null) again = true;
    working ??= loop().finally(() => {
      working = null;
    });
  }

  async function loop(): Promise<void> {
    do {
      again = false;
      try {
        for (const id of await db.asOperator(openRuns)) await carryOut(id);
      } catch (error) {
        log.warn({ error: messageOf(error) }, 'Re-rating waits');
      }
    } while (again && !closing);
  }

  async function carryOut(id: string): Promise<void> {
    await count(id);
    let longest = 0;
    let previous = 0;
    let changed = 0;
    let givenUp = 0;
    while (!closing) {
      const bound = givenUp < patience;
      try {
        const result = await step(id, bound ? size : UNBOUND_EVENTS, bound ? BOUNDS : null, previous);
        if (result.state === 'busy') return; // another process continues it; the next look finds it if that dies
        previous = result.lockedMs;
        longest = Math.max(longest, previous);
        changed += result.changed;
        givenUp = 0;
        patience = bound ? Math.min(PATIENCE, patience + 1) : Math.max(LEAST_PATIENCE, patience >> 1);
        if (result.state === 'ended') break;
        if (bound) size = nextSize(size, previous, batchEvents);
      } catch (error) {
        if (tookTooLong(error)) {
          if (size === 1) {
            givenUp += 1;
            if (givenUp === PATIENCE)
              log.warn({ run: id }, 'Events are re-rated without a bound on the time their rows are locked');
            await sleep(RETRY_MS * Math.random());
          }
          size = Math.max(1, Math.floor(size / 2));
          continue;
        }
        if (isStoreUnavailable(error)) throw error; // the run stays open
        if (storeFault(error) !== 'contention') {
          await db.asOperator((tx) => endRun(tx, id, 'failed', messageOf(error)));
          log.error({ run: id, error: messageOf(error) }, 'A re-rating run failed');
          break;
        }
        await sleep(RETRY_MS * Math.random());
      }
      await sleep(0); // requests of this process go first
    }
    if (longest > 0) await db.asOperator((tx) => noteLongest(tx, id, longest));
    if (changed > 0) await announceAll(db);
    log.info({ run: id, changed, longest_ms: Math.ceil(longest) }, 'Re-rating came to an end or a pause');
  }

  async function count(id: string): Promise<void> {
    try {
      await db.asOperator((tx) => countSelected(tx, id));
    } catch (error) {
      if (!tookTooLong(error)) throw error;
      log.info({ run: id }, 'The events of a re-rating run are too many to be counted first');
    }
  }

  const timer = setInterval(work, lookEveryMs);
  timer.unref();
  work();
  return {
    async start(run) {
      const made = await db.asOperator((tx) => insertRun(tx, run, null));
      if (made === null) throw new Error('A run without a trigger was taken for a repeated one.');
      work();
      return made;
    },
    get: (id) =>
      db.asOperator(async (tx) => {
        const run = await readRun(tx, id);
        return run === null ? null : { run, differences: await readDifferences(tx, id) };
      }),
    list: () => db.asOperator(listRuns),
    cancel: (id, actor) =>
      db.asOperator(async (tx) => {
        const ended = await endRun(tx, id, 'cancelled');
        if (ended) await audit(tx, { actor, action: 'rerating.cancel', tenantId: null, details: { id } });
        return ended;
      }),
    async rateUnpriced(bookVersion) {
      const run = await db.asOperator(async (tx) => {
        const { rows } = await tx.query('select 1 from usage_events where total_cost is null limit 1');
        return rows.length === 0 ? null : insertRun(tx, unpricedRun(bookVersion), `unpriced:${bookVersion}`);
      });
      if (run !== null) work();
      return run;
    },
    async idle() {
      while (working !== null) await working;
    },
    async close() {
      closing = true;
      clearInterval(timer);
      await working;
    },
  };
}

/** Shrinks at once when rows were locked too long, grows step by step. */
function nextSize(size: number, lockedMs: number, most: number): number {
  if (lockedMs > AIM_MS) return Math.max(1, Math.floor((size * AIM_MS) / lockedMs / 1.5));
  return lockedMs < AIM_MS / 2 ? Math.min(most, Math.ceil(size * 1.25)) : size;
}

function unpricedRun(bookVersion: string): NewRun {
  return {
    tenant: null,
    provider: null,
    model: null,
    from: null,
    to: null,
    unpricedOnly: true,
    dryRun: false,
    reason: `prices changed: ${bookVersion}`,
    actor: 'prices',
  };
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
