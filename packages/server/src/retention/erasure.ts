/** The erasure of one person's data: request and result. */
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

/** As the API prints it, without the name. */
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
  /** Events of the person, now without a person. */
  readonly events: number;
  /** Events of others that lost a tag with the person's name. */
  readonly tagged_events: number;
  readonly quarantined: number;
  readonly adjustments: number;
  /** Rows of sums by the person's name that were deleted. */
  readonly rollup_rows: number;
  /** Keys bound to the person. New events written with them have the name again, so revoke them. */
  readonly bound_keys: number;
  /** The longest transaction that held locks, milliseconds. */
  readonly longest_ms: number;
}

/**
 * Stored in the audit log and the list of erasures instead of the name: someone who knows the name can tell whether it
 * was erased. SHA-256 (hex) over tenant, a slash and the name.
 */
export function userHash(tenant: string, user: string): string {
  return hash('sha256', `${tenant}/${user}`, 'hex');
}
