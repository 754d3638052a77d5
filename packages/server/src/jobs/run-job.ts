/** One run of a job: alone among all processes, bounded, noted whatever becomes of it. */
import { unasked } from '../db/asker.ts';
import type { Database, Log } from '../db/database.ts';
import type { Job } from './job.ts';
import { type LockClient, letGo, takeJob } from './lock-store.ts';
import { noteEnd, noteStart } from './store.ts';

export interface RunParts {
  readonly db: Database;
  readonly log: Log;
  /** Aborted when the process stops. */
  readonly stopping: AbortSignal;
}

/**
 * Runs the job unless some process is at it. Never throws for what the job does wrong: that is noted and logged, and the
 * next tick is the next try. Answers whether it ran.
 */
export async function runJob(job: Job, lock: LockClient, parts: RunParts): Promise<boolean> {
  if (!(await takeJob(lock, job.name))) return false;
  try {
    await attempt(job, parts);
  } finally {
    await letGo(lock, job.name);
  }
  return true;
}

async function attempt(job: Job, { db, log, stopping }: RunParts): Promise<void> {
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(job.deadlineMs)]);
  const began = performance.now();
  try {
    await noteStart(db, job.name);
    // Even if a caller started the job: it continues after the caller has left.
    const note = await unasked(() => job.run(signal));
    const durationMs = performance.now() - began;
    await noteEnd(db, job.name, { durationMs, note, error: null });
    log.info({ job: job.name, duration_ms: Math.round(durationMs), ...note }, 'Job done');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const durationMs = performance.now() - began;
    log.error({ job: job.name, duration_ms: Math.round(durationMs), err: error }, 'Job failed');
    // If the database is away, this cannot be written either; the log line above has it.
    await noteEnd(db, job.name, { durationMs, note: null, error: reason }).catch(() => undefined);
  }
}
