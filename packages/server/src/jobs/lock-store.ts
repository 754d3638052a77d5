/** `job_locks`: the process that runs each job. */

/** A connection that is ours while the job runs; its end sets the job free, also when the process was killed. */
export interface LockClient {
  query(
    text: string,
    values: readonly unknown[],
  ): Promise<{ readonly rows: readonly { readonly taken?: boolean }[] }>;
}

/**
 * A job belongs to the connection that its row names for as long as that connection lives. (Not an advisory lock: every
 * login of the database could take it. Not a row lock: it would need a transaction as long as the job.) Only the same
 * role can see a connection's details, so the check compares the role too: another role may have a process of the same
 * number.
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

/** Takes a job for this connection; false where a living process has it. */
export async function takeJob(lock: LockClient, name: string): Promise<boolean> {
  const { rows } = await lock.query(TAKE, [name]);
  return rows[0]?.taken === true;
}

/** Gives it back. */
export async function letGo(lock: LockClient, name: string): Promise<void> {
  await lock.query(LET_GO, [name]);
}
