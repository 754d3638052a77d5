/** Errors for callers whose events cannot be stored on disk. */
import { OverloadedError } from '../overloaded-error.ts';
import { DISK_FAILED_RETRY_SECONDS, SPOOL_FULL_RETRY_SECONDS } from '../retry-after.ts';

export function diskFailed(reason: string): OverloadedError {
  return new OverloadedError(
    `Events cannot be kept on disk now: ${reason}. Send them again later.`,
    DISK_FAILED_RETRY_SECONDS,
  );
}

export function spoolFull(): OverloadedError {
  return new OverloadedError(
    'The disk space for events that wait for the database is full. Send the events again later.',
    SPOOL_FULL_RETRY_SECONDS,
  );
}
