/** Executes erasures in small transactions, one process at a time, and continues after a crash. */
import type { Database, Log } from '../db/database.ts';
import type { Job } from '../jobs/job.ts';
import { isDefect, storeFault } from '../record/commit/store-faults.ts';
import { createEraseEvents, type EraseEvents, type StepState } from './erase-events.ts';
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
  const erasing = new Erasing(db, log);
  return {
    async start(erasure) {
      const made = await db.asOperator((tx) => insertErasure(tx, erasure));
      void erasing.later([made.id]);
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
        await erasing.later(open, signal);
        return { open: open.length, reopened };
      },
    },
    idle: () => erasing.idle(),
    close: () => erasing.close(),
  };
}

/** Erasures of this process, one after the other. */
class Erasing {
  readonly #db: Database;
  readonly #log: Log;
  readonly #events: EraseEvents;
  readonly #closing = new AbortController();
  #working: Promise<void> = Promise.resolve();

  constructor(db: Database, log: Log) {
    this.#db = db;
    this.#log = log;
    this.#events = createEraseEvents(db);
  }

  /** Carries these out once what is under way has ended; resolves when they are done, interrupted or failed. */
  later(ids: readonly string[], signal?: AbortSignal): Promise<void> {
    const closing = this.#closing.signal;
    const ends = signal === undefined ? closing : AbortSignal.any([signal, closing]);
    const work = async () => {
      for (const id of ids) await this.#attempt(id, ends);
    };
    this.#working = this.#working.then(work, work).catch((error: unknown) => {
      this.#log.warn({ err: error }, 'Erasures wait');
    });
    return this.#working;
  }

  async idle(): Promise<void> {
    await this.#working;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#working;
  }

  async #attempt(id: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#carryOut(id, signal);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#log.error({ erasure: id, err: error }, 'An erasure was interrupted');
      // A defect would come again and again: it is shown instead, and the erasure can be asked for once more.
      if (isDefect(error)) await this.#db.asOperator((tx) => failErasure(tx, id, reason));
    }
  }

  /**
   * Everything of one person, in order; what is done is done, so a second time goes on where the first one ended. Ends
   * early where another process is at it.
   */
  async #carryOut(id: string, signal: AbortSignal): Promise<void> {
    const db = this.#db;
    const events = this.#events;
    for (;;) {
      const open = await db.asOperator((tx) => readOpen(tx, id));
      if (open === null || !(await toItsEnd(() => events.own(id), signal))) return;
      for (const day of await taggedDays(db, open)) {
        if (!(await toItsEnd(() => events.tagged(id, day), signal))) return;
      }
      for (const rest of [eraseRollups, eraseQuarantined, eraseActors]) {
        if (!(await toItsEnd(() => rest(db, id), signal))) return;
      }
      if (await db.asOperator((tx) => endErasure(tx, id, open.before))) break;
    }
    this.#log.info({ erasure: id }, 'Erased what was known of a person');
  }
}

/** Repeats a step while there is more to do; true once nothing is left, false where it was stopped or others are at it. */
async function toItsEnd(step: () => Promise<StepState>, signal: AbortSignal): Promise<boolean> {
  let state: StepState = 'more';
  while (state === 'more' && !signal.aborted) state = await persist(step);
  return state === 'none' && !signal.aborted;
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
