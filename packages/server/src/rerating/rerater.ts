/** Carries runs out, a bounded batch at a time, and takes up what another process left unfinished. */
import type { Database, Log } from '../db/database.ts';
import type { PriceBooks } from '../price-book/installed-book.ts';
import type { ChargingTerms } from '../record/rate-event.ts';
import { audit } from '../tenants/audit/write-audit.ts';
import { createStep } from './batch.ts';
import type { DayDifference, NewRun, Run } from './run.ts';
import { RunWork } from './run-work.ts';
import { anyUnpriced, endRun, insertRun, listRuns, openRuns, readDifferences, readRun } from './store.ts';

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

export function createRerater(options: ReraterOptions): Rerater {
  const { db, books, terms, log, lookEveryMs = 15_000, batchEvents = 250 } = options;
  const runs = new RunWork({ db, log, step: createStep({ db, books, terms }), batchEvents });
  const closing = new AbortController();
  let working: Promise<void> | null = null;
  let again = false;

  function work(): void {
    if (closing.signal.aborted) return;
    if (working !== null) again = true;
    working ??= loop().finally(() => {
      working = null;
    });
  }

  async function loop(): Promise<void> {
    do {
      again = false;
      try {
        for (const id of await db.asOperator(openRuns)) await runs.carryOut(id, closing.signal);
      } catch (error) {
        log.warn({ error: error instanceof Error ? error.message : String(error) }, 'Re-rating waits');
      }
    } while (again && !closing.signal.aborted);
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
        if (!(await anyUnpriced(tx))) return null;
        return insertRun(tx, unpricedRun(bookVersion), `unpriced:${bookVersion}`);
      });
      if (run !== null) work();
      return run;
    },
    async idle() {
      while (working !== null) await working;
    },
    async close() {
      closing.abort();
      clearInterval(timer);
      await working;
    },
  };
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
