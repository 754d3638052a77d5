/** Executes erasures in small transactions, one process at a time, and continues after a crash. */
import type { Database, Log } from '../db/database.ts';
import type { Job } from '../jobs/job.ts';
import { isDefect, storeFault } from '../record/commit/store-faults.ts';
import { createEraseEvents, type StepState } from './erase-events.ts';
import { eraseActors, eraseQuarantined, eraseRollups, taggedDays } from './erase-rest.ts';
import type { Erasure, NewErasure } from './erasure.ts';
import {
  endErasure,
  failErasure,
  insertErasure,
  listErasures,
  openErasures,
  readErasure,
  readOpen,
  reopenErasures,
} from './erasure-store.ts';

export interface Eraser {
  /** Opens an erasure and begins with it; the answer does not wait for its end. */
  start(erasure: NewErasure): Promise<Erasure>;
  /** With `tenant` only that tenant's. */
  get(id: string, tenant: string | null): Promise<Erasure | null>;
  list(tenant: string | null): Promise<readonly Erasure[]>;
  /** Continues erasures that other processes left open, and erases late events of erased persons. */
  readonly job: Job;
  /** Resolves once this process runs no erasure. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

export interface EraserOptions {
  readonly db: Database;
  readonly log: Log;
}

/** Tries of a step that others were in the way of. */
const TRIES = 20;

export function createEraser({ db, log }: EraserOptions): Eraser {
  const events = createEraseEvents(db);
  const closing = new AbortController();
  let working: Promise<void> = Promise.resolve();

  /**
   * Erases everything of one person, in order. Each step is committed, so a second call continues where the first one
   * ended. Returns early if another process runs the erasure.
   */
  async function carryOut(id: string, signal: AbortSignal): Promise<void> {
    const step = async (work: () => Promise<StepState>) => {
      let state: StepState = 'more';
      while (state === 'more' && !signal.aborted) state = await persist(work);
      return state === 'none' && !signal.aborted;
    };
    for (;;) {
      const open = await db.asOperator((tx) => readOpen(tx, id));
      if (open === null || !(await step(() => events.own(id)))) return;
      for (const day of await taggedDays(db, open)) {
        if (!(await step(() => events.tagged(id, day)))) return;
      }
      for (const rest of [eraseRollups, eraseQuarantined, eraseActors]) {
        if (!(await step(() => rest(db, id)))) return;
      }
      if (await db.asOperator((tx) => endErasure(tx, id, open.before))) break;
    }
    log.info({ erasure: id }, 'The personal data of a person is erased');
  }

  async function attempt(id: string, signal: AbortSignal): Promise<void> {
    try {
      await carryOut(id, signal);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.error({ erasure: id, err: error }, 'An erasure was interrupted');
      // A defect would come again and again: it is shown instead, and the erasure can be asked for once more.
      if (isDefect(error)) await db.asOperator((tx) => failErasure(tx, id, reason));
    }
  }

  const later = (work: () => Promise<void>): Promise<void> => {
    working = working.then(work, work).catch((error: unknown) => {
      log.warn({ err: error }, 'Erasures wait');
    });
    return working;
  };

  return {
    async start(erasure) {
      const made = await db.asOperator((tx) => insertErasure(tx, erasure));
      void later(() => attempt(made.id, closing.signal));
      return made;
    },
    get: (id, tenant) => db.asOperator((tx) => readErasure(tx, id, tenant)),
    list: (tenant) => db.asOperator((tx) => listErasures(tx, tenant)),
    job: {
      name: 'erasures',
      about:
        'Finishes erasures that were interrupted, and erases what came in late of persons erased before.',
      schedule: '*/15 * * * *',
      atStart: true,
      deadlineMs: 14 * 60_000,
      async run(signal) {
        const reopened = await db.asOperator(reopenErasures);
        const open = await db.asOperator(openErasures);
        const both = AbortSignal.any([signal, closing.signal]);
        await later(async () => {
          for (const id of open) await attempt(id, both);
        });
        return { open: open.length, reopened };
      },
    },
    async idle() {
      await working;
    },
    async close() {
      closing.abort();
      await working;
    },
  };
}

/** Repeats what another transaction was in the way of. */
async function persist<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (storeFault(error) !== 'contention' || tries === TRIES) throw error;
    }
  }
}
