/** One run of a job: alone among all processes, bounded, noted whatever becomes of it. */
import { unasked } from '../db/asker.ts';
import type { Database, Log } from '../db/database.ts';
import type { Job } from './job.ts';
import { noteEnd, noteStart } from './store.ts';

/** A connection that is ours while the job runs; its end sets the job free, also when the process was killed. */
export interface LockClient {
  query(
    text: string,
    values: readonly unknown[],
  ): Promise<{ readonly rows: readonly { readonly taken?: boolean }[] }>;
}

export interface RunParts {
  readonly db: Database;
  readonly log: Log;
  /** Aborted when the process stops. */
  readonly stopping: AbortSignal;
}

/**
 * A job belongs to the connection that its row names for as long as that connection lives. (No advisory lock: every login
 * of the database could take that. No lock on the row: it would need a transaction as long as the job.) Whose connection
 * it is, is visible to the same role only; another role's process of the same number is told apart by its role.
 */
const TAKE = `
  insert into job_locks as held (name, pid, role, started)
  select $1, pid, usesysid, backend_start from pg_stat_activity where pid = pg_backend_pid()
  on conflict (name) do update set pid = excluded.pid, role = excluded.role, started = excluded.started
   where not exists (select from pg_stat_activity a
                      where a.pid = held.pid and a.usesysid = held.role
                        and coalesce(a.backend_start, held.started) = held.started)
  returning true as taken`;
const LET_GO = 'delete from job_locks where name = $1 and pid = pg_backend_pid()';

/**
 * Runs the job unless some process is at it. Never throws for what the job does wrong: that is noted and logged, and the
 * next tick is the next try. Answers whether it ran.
 */
export async function runJob(job: Job, lock: LockClient, parts: RunParts): Promise<boolean> {
  const { rows } = await lock.query(TAKE, [job.name]);
  if (rows[0]?.taken !== true) return false;
  try {
    await attempt(job, parts);
  } finally {
    await lock.query(LET_GO, [job.name]);
  }
  return true;
}

async function attempt(job: Job, { db, log, stopping }: RunParts): Promise<void> {
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(job.deadlineMs)]);
  const began = performance.now();
  try {
    await noteStart(db, job.name);
    // Also where somebody set it off: it goes on when they have left.
    const note = await unasked(() => job.run(signal));
    const durationMs = performance.now() - began;
    await noteEnd(db, job.name, { durationMs, note, error: null });
    log.info({ job: job.name, duration_ms: Math.round(durationMs), ...note }, 'Job done');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const durationMs = performance.now() - began;
    log.error({ job: job.name, duration_ms: Math.round(durationMs), err: error }, 'Job failed');
    // Where the store is away this cannot be written either; the log line above has it.
    await noteEnd(db, job.name, { durationMs, note: null, error: reason }).catch(() => undefined);
  }
}
