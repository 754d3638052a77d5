/** What is told to callers whose events cannot be taken now. */
import { QUEUE_FULL_RETRY_SECONDS, SHUTTING_DOWN_RETRY_SECONDS } from './retry-after.ts';

/**
 * The recorder's queue or its spool is full, or the disk cannot be written. The caller may send the same events again:
 * what was kept is recognised.
 */
export class OverloadedError extends Error {
  override readonly name = 'OverloadedError';
  /** Whole seconds after which a retry has a chance; goes into `Retry-After`. */
  readonly retryAfterSeconds: number;
  constructor(message: string, retryAfterSeconds: number) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The recorder takes nothing more. */
export const closing = () =>
  new OverloadedError(
    'The server is shutting down. Send the events again later.',
    SHUTTING_DOWN_RETRY_SECONDS,
  );

/** The queue has no room for these events. */
export const queueFull = () =>
  new OverloadedError(
    'Too many events are waiting to be recorded. Send them again later.',
    QUEUE_FULL_RETRY_SECONDS,
  );
