/** `job_states`: the last run of every job, in any process. */
import type { Database } from '../db/database.ts';
import type { JobNote, LastRun } from './job.ts';

export interface JobState extends LastRun {
  readonly name: string;
  readonly runs: number;
  readonly failures: number;
}

interface Row {
  readonly name: string;
  readonly started_at: Date;
  readonly finished_at: Date | null;
  readonly duration_ms: number | null;
  readonly outcome: LastRun['outcome'];
  readonly note: JobNote | null;
  readonly error: string | null;
  readonly runs: number;
  readonly failures: number;
}

/** Notes that a run begins. */
export async function noteStart(db: Database, name: string): Promise<void> {
  await db.asOperator((tx) =>
    tx.query(
      `insert into job_states (name, started_at, outcome, runs) values ($1, now(), 'running', 1)
       on conflict (name) do update set started_at = now(), finished_at = null, duration_ms = null,
         outcome = 'running', note = null, error = null, runs = job_states.runs + 1`,
      [name],
    ),
  );
}

/** Notes how it ended; `error` null = it succeeded. */
export async function noteEnd(
  db: Database,
  name: string,
  run: { readonly durationMs: number; readonly note: JobNote | null; readonly error: string | null },
): Promise<void> {
  await db.asOperator((tx) =>
    tx.query(
      `update job_states set finished_at = now(), duration_ms = $2, note = $3, error = $4,
              outcome = case when $4::text is null then 'done' else 'failed' end,
              failures = case when $4::text is null then 0 else failures + 1 end
        where name = $1`,
      [name, Math.round(run.durationMs), run.note === null ? null : JSON.stringify(run.note), run.error],
    ),
  );
}

/** Ordered by name. */
export async function readStates(db: Database): Promise<ReadonlyMap<string, JobState>> {
  const { rows } = await db.asOperator((tx) =>
    tx.query<Row>(
      `select name, started_at, finished_at, duration_ms::float8 as duration_ms, outcome, note, error,
              runs::float8 as runs, failures::float8 as failures from job_states`,
    ),
  );
  return new Map(
    rows.map((row) => [
      row.name,
      {
        name: row.name,
        startedAt: row.started_at,
        finishedAt: row.finished_at,
        durationMs: row.duration_ms,
        outcome: row.outcome,
        note: row.note,
        error: row.error,
        runs: row.runs,
        failures: row.failures,
      },
    ]),
  );
}
