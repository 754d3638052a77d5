/** The watch over the invariants: proves them over what is recent and over a sample of what is not, in bounded time. */
import { INVARIANTS, type Invariant } from '@farthing/contract';
import type { Database, Log, Tx } from '../db/database.ts';
import { sqlState } from '../db/store-errors.ts';
import type { Job } from '../jobs/job.ts';
import { readWatermarks } from '../tenants/read-watermarks.ts';
import { type Difference, type Proof, proveCharges, proveSums } from './invariants.ts';
import { recentPeriods, sampledPeriods, type WatchedDay } from './watch-periods.ts';
import { type Check, type Covered, readChecks, writeCheck } from './watch-store.ts';

export interface WatchOptions {
  readonly db: Database;
  readonly log: Log;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** No new day is begun after this. Default 60 000 ms. */
  readonly budgetMs?: number;
  /** Days of long ago that are drawn. Default 40. */
  readonly samples?: number;
}

/** Runs a proof now and returns its findings. One at a time per process. */
export interface Watch {
  check(signal?: AbortSignal): Promise<readonly Check[]>;
  /** The last proofs, of any process. */
  last(): Promise<readonly Check[]>;
  readonly job: Job;
}

/** Time limit for one day of one tenant; after it the day is counted as skipped. */
const LONGEST_DAY_MS = 20_000;

export function createWatch(options: WatchOptions): Watch {
  const { db } = options;
  let underWay: Promise<readonly Check[]> | null = null;
  const check = (signal: AbortSignal) => {
    underWay ??= prove(options, signal).finally(() => {
      underWay = null;
    });
    return underWay;
  };
  return {
    check: (signal = new AbortController().signal) => check(signal),
    last: () => db.asOperator(readChecks),
    job: {
      name: 'invariants',
      about:
        'Proves that sums equal events and charges equal their lines, over recent and over sampled days.',
      schedule: '*/10 * * * *',
      atStart: false,
      deadlineMs: 5 * 60_000,
      async run(signal) {
        const checks = await check(signal);
        return Object.fromEntries(checks.map(({ invariant, ok }) => [invariant, ok ? 'holds' : 'broken']));
      },
    },
  };
}

async function prove(options: WatchOptions, signal: AbortSignal): Promise<readonly Check[]> {
  const { db, log, budgetMs = 60_000 } = options;
  const began = performance.now();
  const inTime = (share: number) => !signal.aborted && performance.now() - began < budgetMs * share;
  const { recent, sampled, before } = await choose(options);
  const finder = new Finder();
  // Check periods that were broken last time first: they must not count as fixed because they were not drawn again.
  for (const period of before) await finder.look(db, period, 'before');
  for (const period of recent) if (inTime(0.7)) await finder.look(db, period, 'recent');
  for (const period of sampled) if (inTime(1)) await finder.look(db, period, 'sampled');
  const duration = performance.now() - began;
  await db.asOperator(async (tx) => {
    for (const invariant of INVARIANTS)
      await writeCheck(tx, finder.found(invariant, duration, recent.length));
  });
  const checks = await db.asOperator(readChecks);
  for (const { invariant, ok, difference } of checks) {
    if (!ok) log.error({ invariant, difference }, 'An invariant of the ledger is broken');
  }
  return checks;
}

async function choose({ db, now, samples = 40 }: WatchOptions): Promise<{
  readonly recent: readonly WatchedDay[];
  readonly sampled: readonly WatchedDay[];
  readonly before: readonly WatchedDay[];
}> {
  return db.asOperator(async (tx) => {
    const recent = await recentPeriods(tx, now());
    const sampled = await sampledPeriods(tx, { now: now(), most: samples });
    const broken = (await readChecks(tx)).flatMap(({ difference }) =>
      difference === null ? [] : [difference],
    );
    return { recent, sampled, before: await stillThere(tx, broken) };
  });
}

/** The stretches of earlier differences; without events if they are below the watermark by now. */
async function stillThere(tx: Tx, broken: readonly Difference[]): Promise<readonly WatchedDay[]> {
  if (broken.length === 0) return [];
  const watermarks = new Map(
    (await readWatermarks(tx)).map(({ tenant, eventsFrom }) => [tenant, eventsFrom ?? 0]),
  );
  return broken.map(({ tenant, from, to }) => ({
    tenant,
    from,
    to,
    events: from >= (watermarks.get(tenant) ?? 0),
  }));
}

interface Tally {
  compared: number;
  difference: Difference | null;
}

/** Looks at stretches one after the other and keeps the first difference of each invariant. */
class Finder {
  readonly #tallies: { readonly [I in Invariant]: Tally } = {
    I3: { compared: 0, difference: null },
    I8: { compared: 0, difference: null },
  };
  readonly #days = { recent: 0, sampled: 0, before: 0, skipped: 0, withoutEvents: 0 };

  async look(db: Database, period: WatchedDay, kind: 'recent' | 'sampled' | 'before'): Promise<void> {
    try {
      await db.asOperator(async (tx) => {
        // One snapshot for all of it, no lock that a writer could meet, and one processor.
        await tx.query('set transaction isolation level repeatable read, read only');
        await tx.query(
          `select set_config('statement_timeout', '${LONGEST_DAY_MS}', true), set_config('max_parallel_workers_per_gather', '0', true), set_config('jit', 'off', true)`,
        );
        this.#note('I3', await proveSums(tx, period, period.events));
        if (period.events) this.#note('I8', await proveCharges(tx, period));
      });
      this.#days[kind] += 1;
      if (!period.events) this.#days.withoutEvents += 1;
    } catch (error) {
      if (sqlState(error) !== '57014') throw error;
      this.#days.skipped += 1;
    }
  }

  #note(invariant: Invariant, proof: Proof): void {
    const tally = this.#tallies[invariant];
    tally.compared += proof.compared;
    tally.difference ??= proof.difference;
  }

  found(
    invariant: Invariant,
    durationMs: number,
    recentDays: number,
  ): { invariant: Invariant; duration_ms: number; covered: Covered; difference: Difference | null } {
    const { compared, difference } = this.#tallies[invariant];
    const { recent, sampled, skipped, withoutEvents } = this.#days;
    return {
      invariant,
      duration_ms: Math.round(durationMs),
      covered: {
        recent_days: recent,
        recent_days_of: recentDays,
        sampled_days: sampled,
        days_without_events: withoutEvents,
        compared,
        skipped_days: skipped,
      },
      difference,
    };
  }
}
