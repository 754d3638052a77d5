/** Erasing what is known of one person: what is asked for, and what became of it. */
import { hash } from 'node:crypto';

export interface NewErasure {
  readonly tenant: string;
  /** As in the events' `user`. */
  readonly user: string;
  /** All tags and the task of the person's events too, not only tags that name them. */
  readonly thorough: boolean;
  /** Events of a time before this one. */
  readonly before: Date;
  readonly actor: string;
}

/** As the API prints it; the name does not stand in it. */
export interface Erasure {
  readonly id: string;
  readonly tenant: string;
  /** SHA-256, see {@link userHash}. */
  readonly user_hash: string;
  readonly thorough: boolean;
  readonly before: string;
  readonly requested_at: string;
  readonly requested_by: string;
  readonly status: 'running' | 'done' | 'failed';
  readonly finished_at: string | null;
  readonly error: string | null;
  /** Events of the person, now nobody's. */
  readonly events: number;
  /** Events of others that lost a tag with the person's name. */
  readonly tagged_events: number;
  readonly quarantined: number;
  readonly adjustments: number;
  /** Rows of sums by the person's name that were deleted. */
  readonly rollup_rows: number;
  /** Keys bound to the person; what they write belongs to them again, so revoke them. */
  readonly bound_keys: number;
  /** The longest transaction that held locks, milliseconds. */
  readonly longest_ms: number;
}

/**
 * What the audit log and the list of erasures hold instead of the name: enough to tell whether somebody was erased, when
 * the name is known. SHA-256 (hex) over tenant, a slash and the name.
 */
export function userHash(tenant: string, user: string): string {
  return hash('sha256', `${tenant}/${user}`, 'hex');
}
