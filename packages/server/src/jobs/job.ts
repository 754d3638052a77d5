/** A periodic job, and its reported state. */

/** A run's report: names and figures for people, never a secret. */
export type JobNote = { readonly [name: string]: string | number | boolean | null };

export interface Job {
  /** Lower case with hyphens; used in the API, in logs and in metrics. */
  readonly name: string;
  /** One sentence for people. */
  readonly about: string;
  /** Minute, hour, day of month, month, day of week, in UTC. */
  readonly schedule: string;
  /** Also when a process starts, unless it ran within its last interval. */
  readonly atStart: boolean;
  /** After that the signal of a run is aborted. */
  readonly deadlineMs: number;
  /**
   * Does the work, or a part of it: it ends soon after the signal is aborted, and the next run continues. Repeating any
   * part must be harmless.
   */
  run(signal: AbortSignal): Promise<JobNote>;
}

/** The last run of a job, in any process. */
export interface LastRun {
  readonly startedAt: Date;
  /** Null while it is running, or if its process died without recording the end. */
  readonly finishedAt: Date | null;
  readonly durationMs: number | null;
  readonly outcome: 'running' | 'done' | 'failed';
  readonly note: JobNote | null;
  readonly error: string | null;
}

export interface JobStatus {
  readonly name: string;
  readonly about: string;
  readonly schedule: string;
  readonly last: LastRun | null;
  /** Start of the next run; null if this process knows of none that runs periodic work. */
  readonly next: Date | null;
  readonly runs: number;
  /** Failures since the last run that succeeded. */
  readonly failures: number;
}

export interface JobsStatus {
  /** State of this process. `unavailable`: it cannot run periodic work; see the reason. */
  readonly state: 'off' | 'starting' | 'running' | 'unavailable' | 'stopped';
  readonly reason: string | null;
  readonly jobs: readonly JobStatus[];
}
