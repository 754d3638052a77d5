/** Queries on the queue's own schema, `graphile_worker`. */
import type pg from 'pg';
import type { Database } from '../db/database.ts';

/**
 * Counts jobs that have been ready for this long. A failed job that is not retried stays in the table and does not
 * count.
 */
const WAITING = `
  select exists (select from graphile_worker.jobs
                  where locked_at is null and attempts < max_attempts and run_at <= now()
                    and created_at < now() - $1 * interval '1 millisecond') as waiting`;

/** Whether jobs have waited for at least this many milliseconds. */
export async function hasWaitingJobs(pool: pg.Pool, forMs: number): Promise<boolean> {
  const { rows } = await pool.query<{ waiting: boolean }>(WAITING, [forMs]);
  return rows[0]?.waiting === true;
}

/** The statement by which an administrator lets this login make the queue's schema. */
export async function readQueueGrant(db: Database): Promise<string> {
  const { rows } = await db.asOwner((tx) =>
    tx.query<{ grant: string }>(
      "select format('grant create on database %I to %I;', current_database(), current_user) as grant",
    ),
  );
  return rows[0]?.grant ?? '';
}
