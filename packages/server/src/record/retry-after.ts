/** `Retry-After` of events that cannot be taken now, in whole seconds, by what is in the way. */

/** The recorder's queue is full. */
export const QUEUE_FULL_RETRY_SECONDS = 1;
/** The server is shutting down. */
export const SHUTTING_DOWN_RETRY_SECONDS = 1;
/** The disk space for events that wait for the database is full. */
export const SPOOL_FULL_RETRY_SECONDS = 30;
/** The disk failed. */
export const DISK_FAILED_RETRY_SECONDS = 5;
