/** graphile-worker as we use it: cron items, one queue for all processes, a separate pool. */
import { Logger, type ParsedCronItem, parseCronItem, run } from 'graphile-worker';
import pg from 'pg';
import type { Log } from '../db/database.ts';
import type { Job } from './job.ts';
import type { LockClient } from './lock-store.ts';
import { type Matches, nextRun } from './next-run.ts';
import { QueueClient } from './queue-client.ts';
import { hasWaitingJobs } from './queue-store.ts';

/** Most jobs that one process runs at once. */
const CONCURRENCY = 2;
/** One connection listens, each running job holds one for its lock, and the queue is asked over the rest. */
const CONNECTIONS = CONCURRENCY + 2;
/** New jobs announce themselves; polling only finds what an announcement was lost for. */
const POLL_MS = 5_000;
/**
 * Ended jobs are written in batches. The library does not await the promise of a single write: if Postgres dies under a
 * running job, its unhandled rejection would end the process. A failed batch ends only the queue, which is then
 * reopened.
 */
const AT_ONCE_MS = 0;
/**
 * How long to wait for an answer of the database. All statements of the queue are short. One sent over a connection
 * that has died may never be answered, and its worker would wait without end.
 */
const ANSWER_MS = 10_000;
/** How long a stop waits for the queue. After that, a job that ran is either done or will run again. */
const STOP_MS = 5_000;

export interface WorkerOptions {
  readonly connectionString: string;
  readonly jobs: readonly Job[];
  /** Runs a job under its lock. */
  readonly runJob: (job: Job, lock: LockClient) => Promise<unknown>;
  readonly log: Log;
  /**
   * How often to check for a waiting job that no worker takes, milliseconds. After a connection loss the library can be
   * left with workers that are never woken again, without noticing.
   */
  readonly watchMs: number;
}

export interface Worker {
  /** Puts a job into the queue, due now; however often that is done before it runs, it runs once. */
  enqueue(name: string): Promise<void>;
  /** Start of the next run by schedule. */
  next(name: string, after: number): Date | null;
  /** Resolves when the worker has ended, by `stop` or because it broke. */
  readonly ended: Promise<void>;
  /** Safe to call twice. */
  stop(): Promise<void>;
}

/** Brings the queue's own schema up to date and begins to work. Rejects where the database does not let it. */
export async function openWorker({
  connectionString,
  jobs,
  runJob,
  log,
  watchMs,
}: WorkerOptions): Promise<Worker> {
  const pool = new pg.Pool({
    connectionString,
    Client: QueueClient,
    max: CONNECTIONS,
    application_name: 'farthing jobs',
    connectionTimeoutMillis: 5_000,
    query_timeout: ANSWER_MS,
    idleTimeoutMillis: 20_000,
    keepAlive: true,
  });
  let stopping: Promise<void> | null = null;
  pool.on('error', (error) => {
    if (stopping === null) log.warn({ error: error.message }, 'Idle database connection of the jobs lost');
  });
  pool.on('connect', (client) => client.on('error', () => undefined));
  const items = new Map(jobs.map((job) => [job.name, cronItem(job)]));
  const hands = { busy: 0 };
  try {
    const runner = await run(
      {
        pgPool: pool,
        concurrency: CONCURRENCY,
        pollInterval: POLL_MS,
        noHandleSignals: true,
        logger: logger(log),
        preset: { worker: { completeJobBatchDelay: AT_ONCE_MS, failJobBatchDelay: AT_ONCE_MS } },
      },
      Object.fromEntries(jobs.map((job) => [job.name, taskOf(job, runJob, hands)])),
      [...items.values()],
    );
    const watch = watchForWaiting(pool, watchMs, () => hands.busy < CONCURRENCY);
    const broke = runner.promise.catch((error: unknown) => {
      log.warn({ err: error }, 'The job queue broke');
    });
    const stoodStill = watch.found.then(() => log.warn({}, 'The job queue stood still; it is opened again'));
    const ended = Promise.race([broke, stoodStill]);
    return {
      async enqueue(name) {
        await runner.addJob(name, {}, { jobKey: name, jobKeyMode: 'replace', maxAttempts: 1 });
      },
      next: (name, after) => nextRun(items.get(name)?.match as Matches, after),
      ended,
      stop() {
        stopping ??= (async () => {
          watch.stop();
          await within(
            STOP_MS,
            runner.stop().catch(() => undefined),
          );
          await within(STOP_MS, pool.end());
        })();
        return stopping;
      },
    };
  } catch (error) {
    await within(STOP_MS, pool.end());
    throw error;
  }
}

/** A job key: a job that still waits is not queued twice, and one whose process was killed blocks nothing. */
function cronItem({ name, schedule }: Job): ParsedCronItem {
  return parseCronItem({
    task: name,
    match: schedule,
    options: { jobKey: name, jobKeyMode: 'replace', maxAttempts: 1 },
    identifier: name,
  });
}

function taskOf(job: Job, runJob: WorkerOptions['runJob'], hands: { busy: number }) {
  return async (
    _payload: unknown,
    helpers: { withPgClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> },
  ) => {
    hands.busy += 1;
    try {
      await helpers.withPgClient((client) =>
        runJob(job, { query: (text, values) => client.query(text, [...values]) }),
      );
    } finally {
      hands.busy -= 1;
    }
  };
}

/** Resolves once jobs wait although there is a free hand, seen twice in a row. */
function watchForWaiting(
  pool: pg.Pool,
  everyMs: number,
  isFree: () => boolean,
): { readonly found: Promise<void>; stop(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  let seen = 0;
  const timer = setInterval(() => {
    if (!isFree()) {
      seen = 0;
      return;
    }
    hasWaitingJobs(pool, 2 * everyMs).then(
      (waiting) => {
        seen = waiting && isFree() ? seen + 1 : 0;
        if (seen >= 2) resolve();
      },
      // The database is away: that is for others to notice.
      () => undefined,
    );
  }, everyMs);
  timer.unref();
  return { found: promise, stop: () => clearInterval(timer) };
}

/** Drops the library's info messages from our log and keeps its warnings. */
function logger(log: Log): Logger {
  return new Logger(() => (level, message) => {
    if (level === 'error' || level === 'warning') log.warn({ queue: message }, 'The job queue reports');
  });
}

async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
