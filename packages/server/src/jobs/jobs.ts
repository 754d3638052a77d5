/** Periodic work: started after everything else, one owner at a time across processes, visible, stopped before the rest. */
import { setTimeout as sleep } from 'node:timers/promises';
import { withClient } from '../db/client.ts';
import type { Database, Log } from '../db/database.ts';
import { sqlState } from '../db/store-errors.ts';
import type { Job, JobStatus, JobsStatus } from './job.ts';
import type { LockClient } from './lock-store.ts';
import { readQueueGrant } from './queue-store.ts';
import { runJob } from './run-job.ts';
import { type JobState, readStates } from './store.ts';
import type { Worker } from './worker.ts';

export interface JobsOptions {
  readonly db: Database;
  readonly connectionString: string;
  readonly jobs: readonly Job[];
  readonly log: Log;
  /** False: this process leaves the work to others and only tells of it. */
  readonly enabled: boolean;
  /** Delay before the queue is opened, since a start does not wait for it. Default 1,000 ms. */
  readonly delayMs?: number;
  /** How often to check whether the queue is stuck. Default 5,000 ms. */
  readonly watchMs?: number;
}

export interface Jobs {
  status(): Promise<JobsStatus>;
  /**
   * Runs a job now: through the queue if this process takes part in it, else here at once, so that an outside scheduler
   * may decide when. False for an unknown job, or while stopping.
   */
  trigger(name: string): Promise<boolean>;
  /** Ends running jobs at their next step and closes the queue. Safe to call twice. */
  stop(): Promise<void>;
}

const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 600_000;

/**
 * Opens the queue in the background. If that fails, the server works without it; the reason is in the log and in
 * `status()`, and opening is retried.
 */
export function startJobs(options: JobsOptions): Jobs {
  const { db, jobs, log, enabled, delayMs = 1_000 } = options;
  const stopping = new AbortController();
  let worker: Worker | null = null;
  let state: JobsStatus['state'] = enabled ? 'starting' : 'off';
  let reason: string | null = enabled
    ? null
    : 'FARTHING_JOBS is false: another process does the periodic work.';

  async function open(): Promise<Worker> {
    worker = await openQueue(options, stopping.signal);
    state = 'running';
    reason = null;
    return worker;
  }

  async function supervise(): Promise<void> {
    let wait = delayMs;
    let retry = FIRST_RETRY_MS;
    while (!stopping.signal.aborted) {
      await sleep(wait, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      try {
        const opened = await open();
        retry = FIRST_RETRY_MS;
        // A stop that came while the queue was being opened has found nothing to stop.
        if (stopping.signal.aborted) await opened.stop();
        await opened.ended;
        if (!stopping.signal.aborted) await opened.stop();
      } catch (error) {
        reason = await explain(db, error).catch(() => String(error));
        log.error({ err: error, reason }, 'Periodic work is not done by this process');
      }
      worker = null;
      if (!stopping.signal.aborted) state = 'unavailable';
      wait = retry;
      retry = Math.min(retry * 3, LONGEST_RETRY_MS);
    }
  }

  const direct = createDirectRuns({ ...options, stopping: stopping.signal });
  const supervised = enabled ? supervise() : Promise.resolve();
  let stopped: Promise<void> | null = null;
  return {
    async status() {
      const states = await readStates(db);
      return { state, reason, jobs: jobs.map((job) => statusOf(job, states, worker)) };
    },
    async trigger(name) {
      const job = jobs.find((one) => one.name === name);
      if (job === undefined || stopping.signal.aborted) return false;
      if (worker === null) direct.run(job);
      else await worker.enqueue(name);
      return true;
    },
    stop() {
      stopped ??= (async () => {
        stopping.abort();
        await worker?.stop();
        await supervised;
        await direct.ended();
        state = 'stopped';
      })();
      return stopped;
    },
  };
}

/** Opens the queue and enqueues the jobs that run at every start. */
async function openQueue(
  { db, connectionString, jobs, log, watchMs = 5_000 }: JobsOptions,
  stopping: AbortSignal,
): Promise<Worker> {
  // The library is loaded when needed: a start that ends at once never loads it.
  const { openWorker } = await import('./worker.ts');
  const opened = await openWorker({
    connectionString,
    jobs,
    runJob: (job, lock) => runJob(job, lock, { db, log, stopping }),
    log,
    watchMs,
  });
  try {
    for (const name of await dueAtStart(db, jobs, opened)) await opened.enqueue(name);
  } catch (error) {
    await opened.stop();
    throw error;
  }
  return opened;
}

interface DirectRuns {
  run(job: Job): void;
  /** Resolves when no job runs any more. */
  ended(): Promise<void>;
}

/** Runs jobs here, without the queue, each on its own connection. */
function createDirectRuns({
  connectionString,
  db,
  log,
  stopping,
}: Pick<JobsOptions, 'connectionString' | 'db' | 'log'> & { readonly stopping: AbortSignal }): DirectRuns {
  const running = new Set<Promise<void>>();
  return {
    run(job) {
      const run = withClient(connectionString, 'job', async (client) => {
        const lock: LockClient = { query: (text, values) => client.query(text, [...values]) };
        await runJob(job, lock, { db, log, stopping });
      }).catch((error: unknown) => log.error({ job: job.name, err: error }, 'Job failed'));
      running.add(run);
      void run.finally(() => running.delete(run));
    },
    ended: async () => {
      await Promise.all(running);
    },
  };
}

/** Reported state of a job: its last run in any process, and its next one if this process knows it. */
function statusOf(
  { name, about, schedule }: Job,
  states: ReadonlyMap<string, JobState>,
  worker: Worker | null,
): JobStatus {
  const last = states.get(name) ?? null;
  const next = worker?.next(name, Date.now()) ?? null;
  return { name, about, schedule, last, next, runs: last?.runs ?? 0, failures: last?.failures ?? 0 };
}

/** Jobs of the start that have not succeeded since their last turn would have been. */
async function dueAtStart(db: Database, jobs: readonly Job[], worker: Worker): Promise<readonly string[]> {
  const states = await readStates(db);
  return jobs
    .filter((job) => {
      if (!job.atStart) return false;
      const last = states.get(job.name);
      if (last === undefined || last.outcome !== 'done') return true;
      const next = worker.next(job.name, last.startedAt.getTime());
      return next === null || next.getTime() <= Date.now();
    })
    .map((job) => job.name);
}

/** What an administrator must do, if known. */
async function explain(db: Database, error: unknown): Promise<string> {
  const message = error instanceof Error ? error.message : String(error);
  if (sqlState(error) !== '42501') return message;
  return (
    `${message}: the job queue keeps its tables in a schema of its own, graphile_worker, which this login may not ` +
    `create. Ask an administrator to run: ${await readQueueGrant(db)} Or set FARTHING_JOBS=false where another process ` +
    'does the periodic work.'
  );
}
