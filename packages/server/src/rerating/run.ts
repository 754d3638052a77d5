/** A re-rating run: the events to rate again, its progress and its changes. Times are RFC 3339, money is decimal text. */

/** Filter of events; null = any. */
export interface Selection {
  readonly tenant: string | null;
  readonly provider: string | null;
  readonly model: string | null;
  /** Of the events' own time, [from, to). */
  readonly from: string | null;
  readonly to: string | null;
  /** Only events that have no price yet. */
  readonly unpricedOnly: boolean;
}

export interface NewRun extends Selection {
  /** A dry run changes nothing and tells what would change. */
  readonly dryRun: boolean;
  readonly reason: string;
  readonly actor: string;
}

export type RunStatus = 'running' | 'done' | 'cancelled' | 'failed';

export interface Run {
  readonly id: string;
  readonly status: RunStatus;
  readonly dry_run: boolean;
  readonly reason: string;
  readonly created_at: string;
  readonly created_by: string;
  readonly finished_at: string | null;
  readonly tenant: string | null;
  readonly provider: string | null;
  readonly model: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly unpriced_only: boolean;
  /** Events selected when it began; null until they are counted, or if counting takes too long. */
  readonly expected: number | null;
  /** Events seen so far, and changed (or that would be). */
  readonly scanned: number;
  readonly changed: number;
  /** The longest transaction of the run, milliseconds, its commit included: how long ingest could have waited for a row. */
  readonly longest_ms: number;
  readonly error: string | null;
}

/** A run's changes to one model on one UTC day. Costs are sums over the changed events that have one. */
export interface DayDifference {
  readonly tenant: string;
  readonly day: string;
  readonly provider: string;
  readonly model: string;
  readonly events: number;
  readonly old_usd: string;
  readonly new_usd: string;
  readonly old_unpriced: number;
  readonly new_unpriced: number;
}

/** A run that was finished, cancelled or never there cannot be cancelled. */
export const isOpen = (run: Run): boolean => run.status === 'running';
